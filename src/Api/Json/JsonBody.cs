using System.Buffers;
using System.Text.Json;
using KgOrleans.Api.Lanes;
using KgOrleans.Api.Problems;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Api.Json;

/// <summary>
/// A JSON body in memory, bounded in size, or the problem that kept it from being read. Holds a pooled buffer until disposed. Once the body is here, the
/// request enters its lane: a slow sender takes no place from others.
/// </summary>
internal sealed class JsonBody : IDisposable
{
    // A body that only claims to be large holds no more than this and twice what has arrived.
    private const int FirstBuffer = 16 << 10;

    private byte[]? _rented;

    private JsonBody(byte[] rented, ReadOnlyMemory<byte> utf8)
    {
        _rented = rented;
        Utf8 = utf8;
    }

    private JsonBody(Problem problem) => Problem = problem;

    /// <summary>The body, without a byte order mark; empty beside a problem.</summary>
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
        using var source = BodySource.Open(http, limit);
        if (source.Length > limit)
        {
            await source.DrainAsync();
            return new JsonBody(TooLarge(limit));
        }
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Min((int)(source.Length ?? FirstBuffer), FirstBuffer) + 1);
        var length = 0;
        try
        {
            int read;
            while ((read = await source.ReadAsync(buffer.AsMemory(length))) > 0)
            {
                length += read;
                if (length > limit)
                {
                    await source.DrainAsync();
                    return Refuse(buffer, TooLarge(limit));
                }
                if (length == buffer.Length)
                    buffer = Grow(buffer);
            }
            if (http.Features.Get<LanePass>() is { } pass && await pass.EnterAsync(http.RequestAborted) is { } full)
                return Refuse(buffer, full);
        }
        catch (Exception exception) when (source.Explain(exception) is { } problem)
        {
            return Refuse(buffer, problem);
        }
        var utf8 = Bom.Strip(buffer.AsMemory(0, length));
        return utf8.IsEmpty ? Refuse(buffer, Problem.Invalid("$", "required", "the body is empty")) : new JsonBody(buffer, utf8);
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
