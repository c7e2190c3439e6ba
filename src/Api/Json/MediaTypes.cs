using KgOrleans.Api.Problems;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace KgOrleans.Api.Json;

/// <summary>Media types and encodings of bodies.</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";
    public const string MergePatch = "application/merge-patch+json";
    public const string Ndjson = "application/x-ndjson";
    public const string Gzip = "gzip";

    private const string Identity = "identity";

    // The second is no registered name, but common.
    private static readonly string[] Utf8Names = ["utf-8", "utf8"];

    /// <summary>Whether a request's body has a media type, parameters aside.</summary>
    public static bool Is(HttpRequest request, string mediaType) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase);

    /// <summary>Encoding of a request's body, in lower case: <c>identity</c> for a body as it is.</summary>
    public static string Encoding(HttpRequest request)
    {
        var named = request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant();
        return named.Length == 0 ? Identity : named;
    }

    /// <summary>415 when the body is none of the media types, is not UTF-8 or is compressed by other means than gzip; null when it is welcome.</summary>
    public static Problem? Refuse(HttpRequest request, string[] mediaTypes)
    {
        if (!mediaTypes.Any(type => Is(request, type)))
            return Unwelcome(mediaTypes);
        var charset = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(request.ContentType).Charset);
        if (!StringSegment.IsNullOrEmpty(charset) && !Utf8Names.Any(name => charset.Equals(name, StringComparison.OrdinalIgnoreCase)))
            return Unsupported("Content-Type", "must be UTF-8");
        return Encoding(request) is Identity or Gzip ? null : Unsupported("Content-Encoding", "must be gzip or absent");
    }

    /// <summary>415 that names what is accepted.</summary>
    public static Problem Unwelcome(IEnumerable<string> mediaTypes) => Unsupported("Content-Type", $"must be {string.Join(" or ", mediaTypes)}");

    private static Problem Unsupported(string header, string message) =>
        Problem.OfField(StatusCodes.Status415UnsupportedMediaType, header, "unsupported", message);
}
