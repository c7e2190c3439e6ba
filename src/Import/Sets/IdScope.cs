using KgOrleans.Ranking.Keys;

namespace KgOrleans.Import.Sets;

/// <summary>
/// Ids of an imported set: the publisher's own, behind a prefix. Creators carry a word besides (<c>artist-51</c>), because a creator is a user of the service
/// and a user never sees their own items, while the publishers number users and creators independently.
/// </summary>
public sealed class IdScope
{
    /// <summary>Longest prefix: leaves room for the ids of events, which hold two ids and a time.</summary>
    public const int LongestPrefix = 32;

    private readonly string _prefix;

    /// <summary>Throws <see cref="ArgumentException"/> for a prefix that <see cref="IsPrefix"/> refuses.</summary>
    public IdScope(string prefix)
    {
        if (!IsPrefix(prefix))
            throw new ArgumentException($"{prefix}: no id may start with this", nameof(prefix));
        _prefix = prefix;
    }

    /// <summary>Whether ids may start with a text: at most <see cref="LongestPrefix"/> characters that ids may hold, or none.</summary>
    public static bool IsPrefix(string prefix) => prefix.Length == 0 || (prefix.Length <= LongestPrefix && Limits.IsId(prefix));

    /// <summary>A publisher's id, which is a whole number, as its digits; null for text that is none.</summary>
    public static string? RawId(string text) => WholeNumber.Digits(text) is { Length: <= 19 } digits ? digits : null;

    /// <summary>Id of a user, item or song.</summary>
    public string Id(string raw) => _prefix + raw;

    /// <summary>Id of a creator of a sort.</summary>
    public string Creator(string sort, string raw) => $"{_prefix}{sort}-{raw}";
}
