using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Filters;

/// <summary>Whether a number lies within bounds, both included, and is one of some values when there are any. Unknown numbers never match.</summary>
internal sealed class FilterNumberCondition(string field, double low, double high, double[]? oneOf) : FilterNode
{
    private const double DayMs = 86_400_000;

    public override bool Matches(in FilterRow row)
    {
        var value = field switch
        {
            "publishedAt" => row.Row.PublishedAt == long.MinValue ? double.NaN : row.Row.PublishedAt,
            "ageDays" => row.Row.PublishedAt == long.MinValue ? double.NaN : (row.Now - row.Row.PublishedAt) / DayMs,
            "durationSeconds" => row.Row.DurationSeconds,
            "impressions" => row.Row.Impressions,
            "plays" => row.Row.Plays,
            "likes" => row.Row.Likes,
            "comments" => row.Row.Comments,
            _ => row.Row.Quality,
        };
        return value >= low && value <= high && (oneOf is null || Array.IndexOf(oneOf, value) >= 0);
    }

    public override void Mark(PartitionView view, long now, Span<ulong> bits, BitmapStack scratch)
    {
        MarkWithin(view, now, low, high, bits);
        if (oneOf is null)
            return;
        var any = scratch.Push(bits.Length);
        any.Clear();
        var one = scratch.Push(bits.Length);
        foreach (var value in oneOf)
        {
            MarkWithin(view, now, value, value, one);
            for (var i = 0; i < any.Length; i++)
                any[i] |= one[i];
        }
        for (var i = 0; i < bits.Length; i++)
            bits[i] &= any[i];
        scratch.Pop();
        scratch.Pop();
    }

    private unsafe void MarkWithin(PartitionView view, long now, double from, double to, Span<ulong> bits)
    {
        var words = 1 << (view.ChunkShift - 6);
        if (Array.IndexOf(FilterCondition.CounterFields, field) >= 0)
        {
            MarkCounters(view, from, to, bits);
            return;
        }
        var (least, most) = (AtLeast(from), AtMost(to));
        for (var word = 0; word < bits.Length; word++)
        {
            var columns = view.Rows.ColumnsOfChunk(word / words);
            var first = (word % words) << 6;
            bits[word] = field switch
            {
                "publishedAt" => ColumnMasks.Within(columns.PublishedAt + first, TimeAtLeast(from), TimeAtMost(to)),
                "ageDays" => ColumnMasks.Within(columns.PublishedAt + first, PublishedAfter(now, to), PublishedBefore(now, from)),
                "durationSeconds" => ColumnMasks.Within(columns.Durations + first, least, most),
                _ => ColumnMasks.Within(columns.Qualities + first, least, most),
            };
        }
    }

    // Pages of counters without any event do not exist: their rows all count zero.
    private void MarkCounters(PartitionView view, double from, double to, Span<ulong> bits)
    {
        bits.Clear();
        for (var chunk = 0; chunk < view.ChunkCount; chunk++)
        {
            for (var place = 0; place < view.RowsOfChunk(chunk); place += view.States.PageRows)
            {
                var page = view.States.Page(chunk, place / view.States.PageRows);
                for (var i = 0; i < Math.Min(view.States.PageRows, view.RowsOfChunk(chunk) - place); i++)
                {
                    double value = page.IsEmpty ? 0 : CountOf(page[i]);
                    var row = (chunk << view.ChunkShift) + place + i;
                    bits[row >> 6] |= value >= from && value <= to ? 1UL << row : 0;
                }
            }
        }
    }

    private int CountOf(in ItemCounters counters) => field switch
    {
        "impressions" => counters.Impressions,
        "plays" => counters.Plays,
        "likes" => counters.Likes,
        _ => counters.Comments,
    };

    // Bounds are doubles, the columns floats: the nearest floats inside the bounds let the same values through.
    private static float AtLeast(double bound) => (float)bound is var rounded && rounded < bound ? MathF.BitIncrement(rounded) : (float)bound;

    private static float AtMost(double bound) => (float)bound is var rounded && rounded > bound ? MathF.BitDecrement(rounded) : (float)bound;

    // The smallest time stands for "unknown" and is never within.
    private static long TimeAtLeast(double bound) => bound <= long.MinValue ? long.MinValue + 1 : (long)Math.Ceiling(bound);

    private static long TimeAtMost(double bound) => bound >= long.MaxValue ? long.MaxValue : bound <= long.MinValue ? long.MinValue : (long)Math.Floor(bound);

    // Whole milliseconds whose age, as a double, is within: found by the same division that a single row is tested with.
    private static long PublishedAfter(long now, double oldest)
    {
        var at = TimeAtLeast(now - (oldest * DayMs));
        while (at > long.MinValue + 1 && at <= now && (now - at) / DayMs > oldest)
            at++;
        while (at > long.MinValue + 1 && (now - (at - 1)) / DayMs <= oldest)
            at--;
        return at;
    }

    private static long PublishedBefore(long now, double youngest)
    {
        var at = TimeAtMost(now - (youngest * DayMs));
        while (at < long.MaxValue && (now - (at + 1)) / DayMs >= youngest)
            at++;
        while (at > long.MinValue + 1 && at < long.MaxValue && (now - at) / DayMs < youngest)
            at--;
        return at;
    }
}
