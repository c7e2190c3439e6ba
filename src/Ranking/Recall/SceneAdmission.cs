using System.IO.Hashing;
using KgOrleans.Ranking.Filters;

namespace KgOrleans.Ranking.Recall;

/// <summary>A scene's own filter: many requests share it, so that a chunk keeps its bitmap.</summary>
public sealed class SceneAdmission
{
    private SceneAdmission(ItemFilter filter, ulong hash, bool ages, bool counts) => (Filter, Hash, Ages, Counts) = (filter, hash, ages, counts);

    internal ItemFilter Filter { get; }

    internal ulong Hash { get; }

    internal bool Ages { get; }

    /// <summary>Whether it may ask for counters: its bitmaps then end with the view of a chunk that changes.</summary>
    internal bool Counts { get; }

    /// <summary>Hash that a filter is known by.</summary>
    public static ulong HashOf(ReadOnlySpan<byte> utf8) => XxHash64.HashToUInt64(utf8);

    /// <summary>Reads the filter from UTF-8 JSON that was valid before.</summary>
    /// <exception cref="FormatException">It is not a valid filter.</exception>
    public static SceneAdmission Parse(byte[] utf8) =>
        new(ItemFilter.Parse(utf8), HashOf(utf8), utf8.AsSpan().IndexOf("ageDays"u8) >= 0, Names(utf8, FilterCondition.CounterFields));

    // A name that stands in a value costs a bitmap now and then, and never an answer.
    private static bool Names(byte[] utf8, string[] fields) =>
        Array.Exists(fields, field => utf8.AsSpan().IndexOf(System.Text.Encoding.UTF8.GetBytes($"\"{field}\"")) >= 0);

    /// <summary>Which bitmaps it can use: the time counts only for a filter by age, and by the minute.</summary>
    internal AdmissionKey KeyAt(long scoreTime) => new(Hash, Ages ? scoreTime : 0, Counts);
}

/// <summary>Which filter, as of which time.</summary>
internal readonly record struct AdmissionKey(ulong Hash, long At, bool Counts);

/// <summary>Rows of a chunk that a filter admits. Rows never change, so that it holds for as long as the chunk has no more of them; counters do.</summary>
internal sealed record ChunkAdmission(AdmissionKey Key, int Rows, ulong[] Bits);
