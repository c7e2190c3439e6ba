using System.Globalization;
using KgOrleans.Api.Problems;
using KgOrleans.Grains.Interfaces;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace KgOrleans.Api.Documents;

/// <summary>ETags of documents: the version, quoted.</summary>
internal static class VersionConditions
{
    /// <summary>ETag of a version.</summary>
    public static string ETag(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    /// <summary>
    /// Resolves the conditions of a write to the version that must be current (null: any; <see cref="WriteCondition.Absent"/>: none), or the problem.
    /// </summary>
    /// <param name="http">The request.</param>
    /// <param name="current">Reads the current version, null when there is no document; asked only when a header holds several tags, or If-Match a <c>*</c>.</param>
    public static async Task<(long? IfMatch, Problem? Problem)> ResolveAsync(HttpContext http, Func<Task<long?>> current)
    {
        var (ifMatch, ifNoneMatch) = (http.Request.Headers.IfMatch, http.Request.Headers.IfNoneMatch);
        if (ifMatch.Count > 0 && ifNoneMatch.Count > 0)
            return (null, Problem.Invalid("If-None-Match", "contradiction", "cannot be combined with If-Match"));
        if (ifNoneMatch.Count > 0)
            return await ResolveNoneAsync(http, ifNoneMatch, current);
        if (ifMatch.Count == 0)
            return (null, null);
        if (!EntityTagHeaderValue.TryParseStrictList(ifMatch, out var tags))
            return (null, Problem.Invalid("If-Match", "invalidETag", "must be * or a list of quoted ETags"));
        // If-Match compares strongly (RFC 9110, 13.1.1): weak tags never match; nor do tags that are no version of ours.
        long[] versions = [.. tags.Where(t => !t.IsWeak).Select(t => Version(t.Tag.Value)).OfType<long>()];
        if (tags.Count == 1 && versions is [var only])
            return (only, null);
        var any = tags.Any(t => t.Equals(EntityTagHeaderValue.Any));
        if (versions.Length == 0 && !any)
            return (null, Mismatch(http));
        var now = await current();
        return now is { } version && (any || versions.Contains(version)) ? (version, null) : (null, Mismatch(http));
    }

    private static async Task<(long? IfMatch, Problem? Problem)> ResolveNoneAsync(HttpContext http, StringValues header, Func<Task<long?>> current)
    {
        if (!EntityTagHeaderValue.TryParseStrictList(header, out var tags))
            return (null, Problem.Invalid("If-None-Match", "invalidETag", "must be * or a list of quoted ETags"));
        if (tags.Any(t => t.Equals(EntityTagHeaderValue.Any)))
            return (WriteCondition.Absent, null);
        // The version that was compared is the one that must still be there.
        return await current() is not { } version ? (WriteCondition.Absent, null)
            : tags.Any(t => Version(t.Tag.Value) == version) ? (null, Mismatch(http))
            : (version, null);
    }

    /// <summary>Whether the caller has this version already.</summary>
    public static bool NotModified(HttpContext http, long version) =>
        EntityTagHeaderValue.TryParseList(http.Request.Headers.IfNoneMatch, out var tags)
        && tags.Any(t => t.Tag == ETag(version) || t.Equals(EntityTagHeaderValue.Any));

    /// <summary>412, naming the condition that the request made.</summary>
    public static Problem Mismatch(HttpContext http) => http.Request.Headers.IfNoneMatch.Count > 0
        ? Problem.OfField(StatusCodes.Status412PreconditionFailed, "If-None-Match", "exists", "the document exists already, or has this version")
        : Problem.OfField(StatusCodes.Status412PreconditionFailed, "If-Match", "versionMismatch", "the document has another version");

    private static long? Version(string? tag) =>
        long.TryParse(tag.AsSpan().Trim('"'), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
}
