namespace KgOrleans.Ranking.Keys;

/// <summary>Sizes that inputs may have. Everything that a caller can send is bounded by one of these limits.</summary>
public static class Limits
{
    /// <summary>Longest id, in characters. Room for a UUID with a prefix; an id of this length is hashed on the stack.</summary>
    public const int IdLength = 128;

    /// <summary>Ids as a regular expression, for schemas; <see cref="IsId"/> is the same rule.</summary>
    public const string IdPattern = "^(?!\\.{1,2}$)[A-Za-z0-9_.:-]{1,128}$";

    /// <summary>Longest title, in characters. Titles are stored but not indexed, so the limit only bounds memory.</summary>
    public const int TitleLength = 500;

    /// <summary>Most tags, and most communities, of one item. Every entry is a posting in the shard's index; features see the first eight tags.</summary>
    public const int ItemTags = 64;

    /// <summary>Most follows, friends, communities, interests of one sort, or blocked creators, items, tags or songs of one user.</summary>
    public const int UserLinks = 5_000;

    /// <summary>Most named numeric features of one document.</summary>
    public const int Features = 64;

    /// <summary>Most named vectors of one item: the content vector and a few for later models.</summary>
    public const int Vectors = 4;

    /// <summary>Most components of one vector. Common embeddings of text and audio have 128 to 1,024.</summary>
    public const int VectorLength = 1_024;

    /// <summary>Largest page. Re-ranking chooses from a hundred candidates by default, so a longer page would leave it no choice.</summary>
    public const int PageSize = 100;

    /// <summary>Most items that one chain of pages serves. The page token carries 8 bytes for each.</summary>
    public const int PagedItems = 500;

    /// <summary>Most item ids in <c>exclude</c>.</summary>
    public const int Exclude = 1_000;

    /// <summary>Largest JSON body other than a document, in bytes. A body is read whole, so this bounds the memory of a call.</summary>
    public const int JsonBody = 1 << 20;

    /// <summary>
    /// Largest document in bytes, alone as a body, as a line of NDJSON, or with others in an array: whole megabytes in which the largest user and the largest
    /// item fit.
    /// </summary>
    public const int DocumentBytes = (((UserBytes > ItemBytes ? UserBytes : ItemBytes) + (1 << 20) - 1) >> 20) << 20;

    // As JSON: an id in quotes with a comma, a number with a sign, 17 digits and an exponent, an id that names a number.
    private const int IdBytes = IdLength + 3;
    private const int NumberBytes = 26;
    private const int NamedNumberBytes = IdBytes + 1 + NumberBytes;
    // Names of members, ids and numbers that are not in lists, and white space.
    private const int OtherBytes = 16 << 10;
    // Nine lists of ids and the weights of tags.
    private const int UserBytes = (UserLinks * ((9 * IdBytes) + NamedNumberBytes)) + (Features * NamedNumberBytes) + OtherBytes;
    // A character of the title may be written as six.
    private const int ItemBytes = (Vectors * VectorLength * NumberBytes) + (2 * ItemTags * IdBytes) + (Features * NamedNumberBytes) + (6 * TitleLength)
        + OtherBytes;

    /// <summary>Most events in one call.</summary>
    public const int EventsPerCall = 10_000;

    /// <summary>Earliest time of an event: earlier times are mistakes, such as seconds that were converted as milliseconds.</summary>
    public static readonly DateTimeOffset EarliestTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Earliest time that an item may be published or expire. A song may be older than any computer.</summary>
    public static readonly DateTimeOffset EarliestDate = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Latest time that an item may be published or expire: the end of the year 9999, which stands for "never".</summary>
    public static readonly DateTimeOffset LatestDate = DateTimeOffset.MaxValue;

    /// <summary>How far the clock of an event's sender may be ahead. A day covers a wrong time zone.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromHours(24);

    /// <summary>How far in the future a dry run may be answered as of: ten years.</summary>
    public static readonly TimeSpan FarthestFuture = TimeSpan.FromDays(3_650);

    /// <summary>
    /// Largest absolute value of a named numeric feature. Counts up to a billion fit, and a product of four features stays finite in 32 bits.
    /// </summary>
    public const double FeatureValue = 1e9;

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
