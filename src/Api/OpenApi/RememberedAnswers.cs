using System.Collections.Concurrent;
using Microsoft.Net.Http.Headers;

namespace KgOrleans.Api.OpenApi;

/// <summary>
/// Answers of endpoints that always answer the same, made once for callers who read gzip and once for others: the package behind <c>/docs</c> would decompress
/// megabytes of script for every caller who does not, and needs no key.
/// </summary>
internal sealed class RememberedAnswers
{
    private static readonly string[] Kept = [HeaderNames.ContentType, HeaderNames.ContentEncoding, HeaderNames.CacheControl, HeaderNames.ETag, HeaderNames.Vary];

    private readonly ConcurrentDictionary<bool, Lazy<Task<Answer>>> _answers = new();
    private readonly RequestDelegate _inner;

    private RememberedAnswers(RequestDelegate inner) => _inner = inner;

    /// <summary>Remembers what an endpoint answers. Its path must be fixed, and the answer must not depend on the query.</summary>
    public static void Remember(EndpointBuilder endpoint) => endpoint.RequestDelegate = new RememberedAnswers(endpoint.RequestDelegate!).InvokeAsync;

    private async Task InvokeAsync(HttpContext http)
    {
        var zipped = PublishedDocument.ReadsGzip(http);
        var making = _answers.GetOrAdd(zipped, _ => new(() => MakeAsync(http)));
        Answer answer;
        try
        {
            answer = await making.Value;
        }
        catch
        {
            // Only what went well is the same for everybody.
            _answers.TryRemove(KeyValuePair.Create(zipped, making));
            throw;
        }
        if (answer.Status != StatusCodes.Status200OK)
            _answers.TryRemove(KeyValuePair.Create(zipped, making));
        http.Response.StatusCode = answer.Status;
        foreach (var (name, value) in answer.Headers)
            http.Response.Headers[name] = value;
        if (answer.Headers.GetValueOrDefault(HeaderNames.ETag) is { } tag && http.Request.Headers.IfNoneMatch.Contains(tag))
        {
            http.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }
        http.Response.ContentLength = answer.Body.Length;
        await http.Response.Body.WriteAsync(answer.Body, http.RequestAborted);
    }

    private async Task<Answer> MakeAsync(HttpContext http)
    {
        // Made for everybody, so neither on this caller's condition nor only until they leave.
        var (condition, body, aborted) = (http.Request.Headers.IfNoneMatch, http.Response.Body, http.RequestAborted);
        using var whole = new MemoryStream();
        try
        {
            http.Request.Headers.IfNoneMatch = default;
            http.Response.Body = whole;
            http.RequestAborted = CancellationToken.None;
            await _inner(http);
        }
        finally
        {
            http.Request.Headers.IfNoneMatch = condition;
            http.Response.Body = body;
            http.RequestAborted = aborted;
        }
        var headers = Kept.Where(http.Response.Headers.ContainsKey).ToDictionary(name => name, name => http.Response.Headers[name].ToString());
        return new Answer(http.Response.StatusCode, headers, whole.ToArray());
    }

    private sealed record Answer(int Status, Dictionary<string, string> Headers, byte[] Body);
}
