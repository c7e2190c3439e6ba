using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using KgOrleans.Api.Json;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Api.Demo;

/// <summary>Documents as an NDJSON body, written while it is sent.</summary>
internal sealed class NdjsonContent<T> : HttpContent
{
    private const int FlushBytes = 64 << 10;

    private readonly IReadOnlyList<T> _documents;

    public NdjsonContent(IReadOnlyList<T> documents)
    {
        _documents = documents;
        Headers.ContentType = new MediaTypeHeaderValue(MediaTypes.Ndjson);
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream(2 * FlushBytes);
        foreach (var document in _documents)
        {
            JsonSerializer.Serialize(buffer, document, KgJson.Options);
            buffer.WriteByte((byte)'\n');
            if (buffer.Length < FlushBytes)
                continue;
            await stream.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken);
            buffer.SetLength(0);
        }
        await stream.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), cancellationToken);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
