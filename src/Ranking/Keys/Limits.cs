namespace KgOrleans.Ranking.Keys;

/// <summary>Sizes that inputs may have. Everything that a caller can send is bounded by one of these.</summary>
public static class Limits
{
    /// <summary>Longest id, in characters.</summary>
    public const int IdLength = 128;

    /// <summary>Ids as a regular expression, for schemas; <see cref="IsId"/> says the same.</summary>
    public const string IdPattern = "^(?!\\.{1,2}$)[A-Za-z0-9_.:-]{1,128}$";

    /// <summary>Longest title, in characters.</summary>
    public const int TitleLength = 500;

    /// <summary>Most tags, communities, follows or similar entries of one item.</summary>
    public const int ItemTags = 64;

    /// <summary>Most follows, friends, blocked creators or interests of one user.</summary>
    public const int UserLinks = 5_000;

    /// <summary>Most named numeric features of one document.</summary>
    public const int Features = 64;

    /// <summary>Most named vectors of one item.</summary>
    public const int Vectors = 4;

    /// <summary>Most components of one vector.</summary>
    public const int VectorLength = 1_024;

    /// <summary>Largest page.</summary>
    public const int PageSize = 100;

    /// <summary>Most works that one chain of pages serves.</summary>
    public const int PagedItems = 500;

    /// <summary>Most item ids in <c>exclude</c>.</summary>
    public const int Exclude = 1_000;

    /// <summary>Largest JSON body, in bytes.</summary>
    public const int JsonBody = 1 << 20;

    /// <summary>Longest NDJSON line, in bytes.</summary>
    public const int NdjsonLine = 64 << 10;

    /// <summary>Most events in one call.</summary>
    public const int EventsPerCall = 10_000;

    /// <summary>Earliest time that a document may carry.</summary>
    public static readonly DateTimeOffset EarliestTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How far in the future the clock of an event's sender may be.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromHours(24);

    /// <summary>How far in the future a work may be scheduled or expire.</summary>
    public static readonly TimeSpan FarthestFuture = TimeSpan.FromDays(3_650);

    /// <summary>Whether a string is an id: 1..128 characters of <c>[A-Za-z0-9_.:-]</c>, but not <c>.</c> or <c>..</c>, which no URL can name.</summary>
    public static bool IsId(string? id)
    {
        if (string.IsNullOrEmpty(id) || id.Length > IdLength || id is "." or "..")
            return false;
        foreach (var c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or ':' or '-'))
                return false;
        }
        return true;
    }
}
