using System.Buffers;
using System.IO.Compression;
using System.IO.Pipelines;
using KgOrleans.Api.Lanes;
using KgOrleans.Api.Problems;
using Microsoft.AspNetCore.Http.Features;

namespace KgOrleans.Api.Json;

/// <summary>
/// The bytes of a request's body, decompressed where its <c>Content-Encoding</c> is gzip. Reading ends with the request, and at once when the process ends.
/// </summary>
internal sealed class BodySource : IDisposable
{
    // Most bytes of a refused body that are read and dropped.
    private const int Drained = 8 << 20;

    private readonly HttpContext _http;
    private readonly CancellationToken _stopping;
    private readonly CancellationTokenSource _reading;
    private readonly GZipStream? _unzipped;
    private readonly CancellationTokenRegistration _registration;

    private BodySource(HttpContext http, CancellationToken stopping)
    {
        _http = http;
        _stopping = stopping;
        _reading = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        if (MediaTypes.Encoding(http.Request) == MediaTypes.Gzip)
            _unzipped = new GZipStream(http.Request.Body, CompressionMode.Decompress, leaveOpen: true);
        else
            Length = http.Request.ContentLength;
        Reader = _unzipped is null ? http.Request.BodyReader : PipeReader.Create(_unzipped);
        // The server's own reader is left usable: with a cancelled token it would fail to read over what is left of the body.
        _registration = _reading.Token.UnsafeRegister(static reader => ((PipeReader)reader!).CancelPendingRead(), http.Request.BodyReader);
    }

    /// <summary>The bytes as the sender meant them, for whoever reads them piece by piece; not to be used beside <see cref="ReadAsync"/>.</summary>
    public PipeReader Reader { get; }

    /// <summary>Number of bytes; null when it is not known before they are read.</summary>
    public long? Length { get; }

    /// <summary>Opens the body of a request.</summary>
    /// <param name="http">The request.</param>
    /// <param name="limit">Most bytes that are wanted; null for a stream without a limit. The reader applies it to what was decompressed.</param>
    public static BodySource Open(HttpContext http, long? limit)
    {
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = limit + Drained;
        return new BodySource(http, http.RequestServices.GetRequiredService<Draining>().Stopping);
    }

    /// <summary>Reads some bytes; 0 at the end.</summary>
    /// <exception cref="OperationCanceledException">There is no use in reading on.</exception>
    public ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        _reading.Token.ThrowIfCancellationRequested();
        return _unzipped?.ReadAsync(buffer, CancellationToken.None) ?? ReadSentAsync(buffer);
    }

    /// <summary>The problem of a failed read; null for a failure of another kind, or of a caller who is gone.</summary>
    public Problem? Explain(Exception exception) => exception switch
    {
        BadHttpRequestException bad => bad.ToProblem(),
        InvalidDataException => Problem.Invalid("$", "invalidGzip", "is not a whole gzip stream"),
        // The server's word for a chunk size beyond all numbers. A connection that broke has nobody left to read this.
        IOException => Problem.OfStatus(StatusCodes.Status400BadRequest, "The body could not be read to its end."),
        OperationCanceledException when _stopping.IsCancellationRequested && !_http.RequestAborted.IsCancellationRequested => Stop(),
        _ => null,
    };

    /// <summary>
    /// Reads what is left of a body that is refused, within bounds: a connection that is closed on a sender still sending is reset, and the sender sees that
    /// instead of the answer.
    /// A sender that waits for 100 Continue has sent nothing and needs none of this.
    /// </summary>
    public async Task DrainAsync()
    {
        if (_http.Request.Headers.Expect.Count > 0)
            return;
        var scratch = ArrayPool<byte>.Shared.Rent(64 << 10);
        try
        {
            for (var drained = 0; drained < Drained;)
            {
                var read = await ReadSentAsync(scratch);
                if (read == 0)
                    return;
                drained += read;
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // Longer than what is drained, or broken: such a sender may see a reset.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        // Completing the reader closes the stream below it, but never the request's own.
        if (_unzipped is not null)
            Reader.Complete();
        _registration.Dispose();
        _reading.Dispose();
    }

    // The bytes as they were sent. Reads that end are ended properly: the server reads on over what is left of the body.
    private async ValueTask<int> ReadSentAsync(Memory<byte> buffer)
    {
        while (true)
        {
            var result = await _http.Request.BodyReader.ReadAsync(CancellationToken.None);
            var taken = result.Buffer.Slice(0, result.IsCanceled ? 0 : Math.Min(result.Buffer.Length, buffer.Length));
            taken.CopyTo(buffer.Span);
            var length = (int)taken.Length;
            _http.Request.BodyReader.AdvanceTo(taken.End);
            if (result.IsCanceled)
                throw new OperationCanceledException();
            if (length > 0 || result.IsCompleted)
                return length;
        }
    }

    private Problem Stop()
    {
        // The rest of the body must not keep the connection, and with it the process.
        _http.Response.Headers.Connection = "close";
        return Problem.Unavailable("The server is stopping. Send it again.");
    }
}
