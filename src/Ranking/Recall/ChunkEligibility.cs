using System.Numerics;
using System.Runtime.Intrinsics;
using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// Which rows of a chunk live, belong to a world, are visible and in time: the part of eligibility that requests share. It holds for every time from
/// <c>NowFrom</c> to before <c>NowUntil</c>, and every window that opens after <c>OldestAfter</c> up to <c>OldestUntil</c>: between those no row begins,
/// ends or leaves the window.
/// </summary>
internal sealed record ChunkEligibility(int World, long NowFrom, long NowUntil, long OldestAfter, long OldestUntil, ulong[] Bits, EligibilityCounts Counts)
{
    private const int RowsOfWord = 64;

    public bool HoldsFor(int world, long now, long oldest) =>
        World == world && now >= NowFrom && now < NowUntil && oldest > OldestAfter && oldest <= OldestUntil;

    /// <summary>Live rows of a chunk that are of a world, visible and in time; kept until the chunk changes.</summary>
    public static ChunkEligibility Of(PartitionView view, int chunk, int world, long now, long oldest)
    {
        var memo = view.Memos[chunk].Of<RecallMemo>();
        var eligible = memo.Eligible;
        if (eligible is null || !eligible.HoldsFor(world, now, oldest))
        {
            eligible = Compute(view.Rows.ColumnsOfChunk(chunk), view.States.Live(chunk), world, now, oldest);
            memo.Eligible = eligible;
        }
        return eligible;
    }

    /// <summary>Computes it; every dropped row is counted under the first reason that applies.</summary>
    /// <param name="columns">Columns of the chunk.</param>
    /// <param name="live">Its live rows.</param>
    /// <param name="world">Symbol of the world; negative when no row belongs to it.</param>
    /// <param name="now">Unix milliseconds.</param>
    /// <param name="oldest">Oldest publishing time that is eligible.</param>
    public static unsafe ChunkEligibility Compute(in ChunkColumns columns, ReadOnlySpan<ulong> live, int world, long now, long oldest)
    {
        var bits = new ulong[live.Length];
        var counts = new EligibilityCounts();
        var (nowFrom, nowUntil) = (Vector512.Create(long.MinValue), Vector512.Create(long.MaxValue));
        var (oldestAfter, oldestUntil) = (Vector512.Create(long.MinValue), Vector512.Create(long.MaxValue));
        var (at, from) = (Vector512.Create(now), Vector512.Create(oldest));
        for (var word = 0; word < live.Length; word++)
        {
            var rest = live[word];
            if (rest == 0)
                continue;
            counts.Live += BitOperations.PopCount(rest);
            var first = word * RowsOfWord;
            Drop(ref rest, ~ColumnMasks.Equal(columns.Worlds + first, world), ref counts.OtherWorld);
            Drop(ref rest, ColumnMasks.AnyBit(columns.Flags + first, ChunkColumns.HiddenFlag), ref counts.Hidden);
            ulong expired = 0, outside = 0;
            for (var lane = 0; lane < RowsOfWord; lane += Vector512<long>.Count)
            {
                var expires = Vector512.Load(columns.ExpiresAt + first + lane);
                var published = Vector512.Load(columns.PublishedAt + first + lane);
                // Dead and dropped rows bound the times too: that costs some reuse, but the result stays right.
                var isExpired = Vector512.LessThanOrEqual(expires, at);
                var isLater = Vector512.GreaterThan(published, at);
                var isOlder = Vector512.LessThan(published, from);
                expired |= isExpired.ExtractMostSignificantBits() << lane;
                var neverAges = Vector512.Equals(published, Vector512.Create(long.MinValue));
                outside |= (isLater | Vector512.AndNot(isOlder, neverAges)).ExtractMostSignificantBits() << lane;
                nowFrom = Vector512.Max(nowFrom, Vector512.ConditionalSelect(isExpired, expires, Vector512.Create(long.MinValue)));
                nowFrom = Vector512.Max(nowFrom, Vector512.ConditionalSelect(isLater, Vector512.Create(long.MinValue), published));
                nowUntil = Vector512.Min(nowUntil, Vector512.ConditionalSelect(isExpired, Vector512.Create(long.MaxValue), expires));
                nowUntil = Vector512.Min(nowUntil, Vector512.ConditionalSelect(isLater, published, Vector512.Create(long.MaxValue)));
                oldestAfter = Vector512.Max(oldestAfter, Vector512.ConditionalSelect(isOlder, published, Vector512.Create(long.MinValue)));
                oldestUntil = Vector512.Min(oldestUntil, Vector512.ConditionalSelect(isOlder, Vector512.Create(long.MaxValue), published));
            }
            Drop(ref rest, expired, ref counts.Expired);
            Drop(ref rest, outside, ref counts.Age);
            bits[word] = rest;
            counts.Eligible += BitOperations.PopCount(rest);
        }
        return new ChunkEligibility(world, Most(nowFrom), Least(nowUntil), Most(oldestAfter), Least(oldestUntil), bits, counts);
    }

    private static void Drop(ref ulong rest, ulong dropped, ref long count)
    {
        count += BitOperations.PopCount(rest & dropped);
        rest &= ~dropped;
    }

    private static long Most(Vector512<long> values)
    {
        var most = values[0];
        for (var i = 1; i < Vector512<long>.Count; i++)
            most = Math.Max(most, values[i]);
        return most;
    }

    private static long Least(Vector512<long> values)
    {
        var least = values[0];
        for (var i = 1; i < Vector512<long>.Count; i++)
            least = Math.Min(least, values[i]);
        return least;
    }
}
