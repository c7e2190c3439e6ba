using System.Globalization;
using KgOrleans.Api.Problems;
using Microsoft.Net.Http.Headers;

namespace KgOrleans.Api.Documents;

/// <summary>ETags of documents: the version, quoted.</summary>
internal static class VersionConditions
{
    /// <summary>ETag of a version.</summary>
    public static string ETag(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>Resolves the conditions of a write to the version that must be current (null: any), or the problem.</summary>
    /// <param name="http">The request.</param>
    /// <param name="current">Reads the current version, null when there is no document; asked only when If-Match holds <c>*</c> or several tags.</param>
    public static async Task<(long? IfMatch, Problem? Problem)> ResolveAsync(HttpContext http, Func<Task<long?>> current)
    {
        if (http.Request.Headers.IfNoneMatch.Count > 0)
            return (null, Problem.Invalid("If-None-Match", "unsupported", "is not supported for writes"));
        var header = http.Request.Headers.IfMatch;
        if (header.Count == 0)
            return (null, null);
        if (!EntityTagHeaderValue.TryParseStrictList(header, out var tags))
            return (null, Problem.Invalid("If-Match", "invalidETag", "must be * or a list of quoted ETags"));
        // If-Match compares strongly (RFC 9110, 13.1.1): weak tags never match; nor do tags that are no version of ours.
        long[] versions = [.. tags.Where(t => !t.IsWeak).Select(t => Version(t.Tag.Value)).OfType<long>()];
        if (tags.Count == 1 && versions is [var only])
            return (only, null);
        var any = tags.Any(t => t.Equals(EntityTagHeaderValue.Any));
        if (versions.Length == 0 && !any)
            return (null, Mismatch());
        var now = await current();
        return now is { } version && (any || versions.Contains(version)) ? (version, null) : (null, Mismatch());
    }

    /// <summary>Whether the caller has this version already.</summary>
    public static bool NotModified(HttpContext http, long version) =>
        EntityTagHeaderValue.TryParseList(http.Request.Headers.IfNoneMatch, out var tags)
        && tags.Any(t => t.Tag == ETag(version) || t.Equals(EntityTagHeaderValue.Any));

    /// <summary>412.</summary>
    public static Problem Mismatch() =>
        Problem.OfField(StatusCodes.Status412PreconditionFailed, "If-Match", "versionMismatch", "the document has another version");

    private static long? Version(string? tag) =>
        long.TryParse(tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
}
