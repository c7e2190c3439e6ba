using System.Numerics;

namespace KgOrleans.Ranking.Factors;

/// <summary>Something that items have in common: a tag, creator, song, language or kind, with its weight in one item.</summary>
/// <param name="Key">Key of the token; equal ids of two sorts have two keys.</param>
/// <param name="Weight">Weight; above 0.</param>
public readonly record struct ContentToken(ulong Key, float Weight)
{
    /// <summary>Most tags that count, as many as the columns of an item hold.</summary>
    public const int MostTags = 8;

    /// <summary>Most tokens of an item.</summary>
    public const int Most = MostTags + 4;

    // Odd and random: one for each sort.
    private static readonly ulong[] Sorts = [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F];

    /// <summary>Writes the tokens of an item and returns how many they are. A key of 0 stands for none.</summary>
    /// <param name="creator">Key of the creator.</param>
    /// <param name="song">Key of the song.</param>
    /// <param name="tags">Keys of the tags; those after the eighth do not count.</param>
    /// <param name="language">Key of the language.</param>
    /// <param name="kind">Number of the kind from 1; 0 when it is not known.</param>
    /// <param name="tokens">Destination of <see cref="Most"/> tokens.</param>
    public static int Fill(ulong creator, ulong song, ReadOnlySpan<ulong> tags, ulong language, ulong kind, Span<ContentToken> tokens)
    {
        var count = 0;
        Add(0, creator, 1, tokens, ref count);
        Add(1, song, 1, tokens, ref count);
        Add(2, language, 1, tokens, ref count);
        Add(3, kind, 1, tokens, ref count);
        tags = tags[..Math.Min(tags.Length, MostTags)];
        var named = 0;
        foreach (var tag in tags)
            named += tag == 0 ? 0 : 1;
        // However many tags an item names, they say as much together.
        var weight = 1 / MathF.Sqrt(Math.Max(1, named));
        foreach (var tag in tags)
            Add(4, tag, weight, tokens, ref count);
        return count;
    }

    private static void Add(int sort, ulong key, float weight, Span<ContentToken> tokens, ref int count)
    {
        if (key != 0)
            tokens[count++] = new ContentToken(BitOperations.RotateLeft(key * Sorts[sort], 31) ^ Sorts[sort], weight);
    }
}
