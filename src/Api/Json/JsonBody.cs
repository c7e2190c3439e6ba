using System.Buffers;
using System.Text.Json;
using KgOrleans.Api.Problems;
using KgOrleans.Ranking.Keys;
using Microsoft.AspNetCore.Http.Features;

namespace KgOrleans.Api.Json;

/// <summary>
/// A JSON body in memory, bounded in size, or the problem that kept it from being read. Holds a pooled buffer until disposed.
/// </summary>
internal sealed class JsonBody : IDisposable
{
    // Most bytes beyond the limit that are read and dropped.
    private const int Drained = 8 << 20;

    private byte[]? _rented;

    private JsonBody(byte[] rented, int length)
    {
        _rented = rented;
        Utf8 = rented.AsMemory(0, length);
    }

    private JsonBody(Problem problem) => Problem = problem;

    /// <summary>The body; empty beside a problem.</summary>
    public ReadOnlyMemory<byte> Utf8 { get; }

    /// <summary>Why there is no body; null when there is.</summary>
    public Problem? Problem { get; }

    /// <summary>Reads the body of a request, at most <see cref="Limits.JsonBody"/> bytes.</summary>
    /// <param name="http">The request.</param>
    /// <param name="mediaTypes">Media types that are welcome.</param>
    public static Task<JsonBody> ReadAsync(HttpContext http, params string[] mediaTypes) => ReadAsync(http, Limits.JsonBody, mediaTypes);

    /// <summary>Reads the body of a request.</summary>
    /// <param name="http">The request.</param>
    /// <param name="limit">Most bytes.</param>
    /// <param name="mediaTypes">Media types that are welcome.</param>
    public static async Task<JsonBody> ReadAsync(HttpContext http, int limit, params string[] mediaTypes)
    {
        if (MediaTypes.Refuse(http.Request, mediaTypes) is { } refusal)
            return new JsonBody(refusal);
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit + Drained;
        if (http.Request.ContentLength > limit)
        {
            await DrainAsync(http);
            return new JsonBody(TooLarge(limit));
        }
        var buffer = ArrayPool<byte>.Shared.Rent((int)(http.Request.ContentLength ?? 4_096) + 1);
        var length = 0;
        try
        {
            int read;
            while ((read = await http.Request.Body.ReadAsync(buffer.AsMemory(length), http.RequestAborted)) > 0)
            {
                length += read;
                if (length > limit)
                {
                    await DrainAsync(http);
                    return Refuse(buffer, TooLarge(limit));
                }
                if (length == buffer.Length)
                    buffer = Grow(buffer);
            }
        }
        catch (BadHttpRequestException exception)
        {
            return Refuse(buffer, exception.ToProblem());
        }
        return length == 0 ? Refuse(buffer, Problem.Invalid("$", "required", "the body is empty")) : new JsonBody(buffer, length);
    }

    /// <summary>Parses a body as a document of no particular type; the problem when it is broken.</summary>
    public static Problem? TryParse(ReadOnlyMemory<byte> utf8, out JsonDocument document)
    {
        try
        {
            document = JsonDocument.Parse(utf8, InputJson.DocumentOptions);
            return null;
        }
        catch (JsonException)
        {
            document = null!;
            return Problem.Invalid([BrokenJson.Locate(utf8.Span)]);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_rented is { } rented)
            ArrayPool<byte>.Shared.Return(rented);
        _rented = null;
    }

    /// <summary>
    /// Reads what is left of a body that is refused, within bounds: a connection that is closed on a sender still sending is reset, and the sender sees that
    /// instead of the answer.
    /// A sender that waits for 100 Continue has sent nothing and needs none of this.
    /// </summary>
    private static async Task DrainAsync(HttpContext http)
    {
        if (http.Request.Headers.Expect.Count > 0)
            return;
        var scratch = ArrayPool<byte>.Shared.Rent(64 << 10);
        try
        {
            for (var drained = 0; drained < Drained;)
            {
                var read = await http.Request.Body.ReadAsync(scratch, http.RequestAborted);
                if (read == 0)
                    return;
                drained += read;
            }
        }
        catch (BadHttpRequestException)
        {
            // Longer than what is drained: such a sender may see a reset.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    private static Problem TooLarge(int limit) =>
        Problem.OfField(StatusCodes.Status413PayloadTooLarge, "$", "tooLarge", $"the body may have at most {limit} bytes");

    private static JsonBody Refuse(byte[] rented, Problem problem)
    {
        ArrayPool<byte>.Shared.Return(rented);
        return new JsonBody(problem);
    }

    private static byte[] Grow(byte[] full)
    {
        var larger = ArrayPool<byte>.Shared.Rent(full.Length * 2);
        full.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(full);
        return larger;
    }
}
