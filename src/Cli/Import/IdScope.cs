using KgOrleans.Ranking.Keys;

namespace KgOrleans.Cli.Import;

/// <summary>
/// Ids of an imported set: the publisher's own, behind a prefix. Creators carry a word besides (<c>artist-51</c>), because a creator is a user of the service and a user never sees their own works, while
/// the publishers number users and creators independently.
/// </summary>
internal sealed class IdScope
{
    /// <summary>Longest prefix: leaves room for the ids of events, which hold two ids and a time.</summary>
    public const int LongestPrefix = 32;

    private readonly string _prefix;

    /// <summary>Throws <see cref="InputException"/> for a prefix that no id may start with.</summary>
    public IdScope(string prefix)
    {
        if (prefix.Length > 0 && (prefix.Length > LongestPrefix || !Limits.IsId(prefix)))
            throw new InputException($"--prefix {prefix}: must be at most {LongestPrefix} characters of A-Z a-z 0-9 _ . : -");
        _prefix = prefix;
    }

    /// <summary>Whether a publisher's id is a whole number, as all of them are.</summary>
    public static bool IsRawId(string raw) => raw.Length is > 0 and <= 19 && raw.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;

    /// <summary>Id of a user, item or song.</summary>
    public string Id(string raw) => _prefix + raw;

    /// <summary>Id of a creator of a sort.</summary>
    public string Creator(string sort, string raw) => $"{_prefix}{sort}-{raw}";
}
