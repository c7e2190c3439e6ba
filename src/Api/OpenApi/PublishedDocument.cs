using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace KgOrleans.Api.OpenApi;

/// <summary>
/// The OpenAPI document as it is served: made once, since anybody may ask for it and making it takes some twenty milliseconds of a processor.
/// </summary>
internal sealed class PublishedDocument([FromKeyedServices(PublishedDocument.Name)] IOpenApiDocumentProvider provider)
{
    /// <summary>Name of the document, which is also its version.</summary>
    public const string Name = "v1";

    private readonly Lock _lock = new();
    private Task<Copies>? _copies;

    /// <summary>Answers with the document, compressed for callers who can read that, or with 304.</summary>
    public async Task<IResult> GetAsync(HttpContext http)
    {
        var copies = await CopiesAsync();
        var zipped = ReadsGzip(http);
        http.Response.Headers.Vary = "Accept-Encoding";
        if (zipped)
            http.Response.Headers.ContentEncoding = "gzip";
        var tag = new Microsoft.Net.Http.Headers.EntityTagHeaderValue($"\"{copies.Digest}{(zipped ? "-gzip" : "")}\"");
        return TypedResults.Bytes(zipped ? copies.Zipped : copies.Plain, "application/json; charset=utf-8", entityTag: tag);
    }

    /// <summary>Whether a caller names gzip among the encodings that it reads.</summary>
    public static bool ReadsGzip(HttpContext http) =>
        http.Request.GetTypedHeaders().AcceptEncoding.Any(e => e.Value.Equals("gzip", StringComparison.OrdinalIgnoreCase) && e.Quality is not 0);

    private Task<Copies> CopiesAsync()
    {
        lock (_lock)
        {
            if (_copies is null or { IsFaulted: true })
                _copies = MakeAsync();
            return _copies;
        }
    }

    private async Task<Copies> MakeAsync()
    {
        var document = await provider.GetOpenApiDocumentAsync(CancellationToken.None);
        using var plain = new MemoryStream();
        await document.SerializeAsJsonAsync(plain, OpenApiSpecVersion.OpenApi3_1, CancellationToken.None);
        using var zipped = new MemoryStream();
        await using (var gzip = new GZipStream(zipped, CompressionLevel.SmallestSize, leaveOpen: true))
            await gzip.WriteAsync(plain.ToArray());
        return new Copies(plain.ToArray(), zipped.ToArray(), Convert.ToHexStringLower(SHA256.HashData(plain.ToArray()))[..16]);
    }

    private sealed record Copies(byte[] Plain, byte[] Zipped, string Digest);
}
