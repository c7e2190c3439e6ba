using System.Collections.Concurrent;
using Microsoft.Net.Http.Headers;

namespace KgOrleans.Api.OpenApi;

/// <summary>
/// Answers of endpoints that always answer the same, made once for callers who read gzip and once for others: the package behind <c>/docs</c> would decompress
/// megabytes of script for every caller who does not, and needs no key.
/// </summary>
internal static class RememberedAnswers
{
    private static readonly string[] Kept = [HeaderNames.ContentType, HeaderNames.ContentEncoding, HeaderNames.CacheControl, HeaderNames.ETag, HeaderNames.Vary];

    /// <summary>Remembers what an endpoint answers. Its path must be fixed, and the answer must not depend on the query.</summary>
    public static void Remember(EndpointBuilder endpoint)
    {
        var inner = endpoint.RequestDelegate!;
        var answers = new ConcurrentDictionary<bool, Lazy<Task<Answer>>>();
        endpoint.RequestDelegate = async http =>
        {
            var answer = await answers.GetOrAdd(PublishedDocument.ReadsGzip(http), _ => new(() => MakeAsync(http, inner))).Value;
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
        };
    }

    private static async Task<Answer> MakeAsync(HttpContext http, RequestDelegate inner)
    {
        // Made for everybody, so neither on this caller's condition nor only until they leave.
        var (condition, body, aborted) = (http.Request.Headers.IfNoneMatch, http.Response.Body, http.RequestAborted);
        using var whole = new MemoryStream();
        try
        {
            http.Request.Headers.IfNoneMatch = default;
            http.Response.Body = whole;
            http.RequestAborted = CancellationToken.None;
            await inner(http);
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
