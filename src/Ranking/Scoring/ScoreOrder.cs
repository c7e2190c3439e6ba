using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Scoring;

/// <summary>The order of scored items: by score, highest first, then by key. It does not depend on the order of the input.</summary>
public static class ScoreOrder
{
    /// <summary>Sorts the rows of a block.</summary>
    /// <param name="rows">The items.</param>
    /// <param name="scores">Score of each item; an item with NaN is left out.</param>
    public static int[] Of(ReadOnlySpan<ItemRow> rows, ReadOnlySpan<float> scores)
    {
        var (count, order, falling) = (0, new int[scores.Length], new float[scores.Length]);
        for (var i = 0; i < scores.Length; i++)
        {
            if (!float.IsNaN(scores[i]))
                (order[count], falling[count++]) = (i, -scores[i]);
        }
        Sort(rows, order.AsSpan(0, count), falling.AsSpan(0, count));
        return count == order.Length ? order : order[..count];
    }

    // First by score alone, which needs no comparer; then the few with equal scores by key.
    private static void Sort(ReadOnlySpan<ItemRow> rows, Span<int> order, Span<float> falling)
    {
        falling.Sort(order);
        for (var from = 0; from < order.Length;)
        {
            var to = from + 1;
            while (to < order.Length && falling[to] == falling[from])
                to++;
            for (var i = from + 1; i < to; i++)
            {
                var moved = order[i];
                var at = i;
                for (; at > from && rows[order[at - 1]].Key > rows[moved].Key; at--)
                    order[at] = order[at - 1];
                order[at] = moved;
            }
            from = to;
        }
    }
}
