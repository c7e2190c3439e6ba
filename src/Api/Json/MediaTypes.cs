using KgOrleans.Api.Problems;
using Microsoft.Net.Http.Headers;

namespace KgOrleans.Api.Json;

/// <summary>Media types of bodies.</summary>
internal static class MediaTypes
{
    public const string Json = "application/json";
    public const string MergePatch = "application/merge-patch+json";
    public const string Ndjson = "application/x-ndjson";

    /// <summary>Whether a request's body has a media type, parameters aside.</summary>
    public static bool Is(HttpRequest request, string mediaType) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type) && type.MediaType.Equals(mediaType, StringComparison.OrdinalIgnoreCase);

    /// <summary>415 when the body is none of the media types, is not UTF-8 or is compressed; null when it is welcome.</summary>
    public static Problem? Refuse(HttpRequest request, string[] mediaTypes)
    {
        if (!mediaTypes.Any(type => Is(request, type)))
            return Unsupported("Content-Type", $"must be {string.Join(" or ", mediaTypes)}");
        var charset = MediaTypeHeaderValue.Parse(request.ContentType).Charset;
        if (charset.HasValue
            && !charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase)
            && !charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase))
            return Unsupported("Content-Type", "must be UTF-8");
        var encoding = request.Headers.ContentEncoding.ToString();
        return encoding.Length == 0 || encoding.Equals("identity", StringComparison.OrdinalIgnoreCase)
            ? null
            : Unsupported("Content-Encoding", "compressed bodies are not accepted");
    }

    private static Problem Unsupported(string header, string message) =>
        Problem.OfField(StatusCodes.Status415UnsupportedMediaType, header, "unsupported", message);
}
