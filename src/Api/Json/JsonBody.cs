using System.Buffers;
using System.Text.Json;
using KgOrleans.Api.Problems;
using KgOrleans.Ranking;

namespace KgOrleans.Api.Json;

/// <summary>A JSON body in memory, at most <see cref="Limits.JsonBody"/> bytes, or the problem that kept it from being read. Holds a pooled buffer until disposed.</summary>
internal sealed class JsonBody : IDisposable
{
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

    /// <summary>Reads the body of a request.</summary>
    /// <param name="http">The request.</param>
    /// <param name="mediaTypes">Media types that are welcome.</param>
    public static async Task<JsonBody> ReadAsync(HttpContext http, params string[] mediaTypes)
    {
        if (MediaTypes.Refuse(http.Request, mediaTypes) is { } refusal)
            return new JsonBody(refusal);
        if (http.Request.ContentLength > Limits.JsonBody)
            return new JsonBody(TooLarge());
        var buffer = ArrayPool<byte>.Shared.Rent((int)(http.Request.ContentLength ?? 4_096) + 1);
        var length = 0;
        try
        {
            int read;
            while ((read = await http.Request.Body.ReadAsync(buffer.AsMemory(length), http.RequestAborted)) > 0)
            {
                length += read;
                if (length > Limits.JsonBody)
                    return Refuse(buffer, TooLarge());
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

    private static Problem TooLarge() => Problem.OfField(StatusCodes.Status413PayloadTooLarge, "$", "tooLarge", $"the body may have {Limits.JsonBody} bytes at most");

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
