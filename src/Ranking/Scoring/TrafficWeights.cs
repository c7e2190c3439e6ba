using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Scoring;

/// <summary>
/// Weights of items by class: the product of the weights of all classes that an item belongs to. Traffic weights multiply the quality in both diversity steps;
/// boosts multiply the fine score.
/// </summary>
public static class TrafficWeights
{
    // The product of many classes must reach neither infinity nor 0: a quality is finite and positive.
    private const float Least = 1e-6f;
    private const float Most = 1e6f;

    /// <summary>Writes the weight of every item of a block. Filters see the first <see cref="ItemRow.TagCapacity"/> tags of an item.</summary>
    /// <param name="classes">Classes with their weights, not negative.</param>
    /// <param name="rows">The items.</param>
    /// <param name="now">Time that ages are counted to, unix milliseconds.</param>
    /// <param name="weights">Receives one weight for each item: 1e-6..1e6, or 0 when the item belongs to a class of weight 0.</param>
    /// <param name="attributes">Communities and features of each item; null when no class reads them.</param>
    public static void Fill(
        IReadOnlyList<(ItemFilter Filter, float Weight)> classes, ReadOnlySpan<ItemRow> rows, long now, Span<float> weights, ItemAttributes[]? attributes = null)
    {
        weights[..rows.Length].Fill(1);
        for (var c = 0; c < classes.Count; c++)
        {
            var (filter, weight) = classes[c];
            for (var i = 0; i < rows.Length; i++)
            {
                ref readonly var row = ref rows[i];
                if (filter.Matches(new FilterRow(in row, row.Tags, now, attributes?[i])))
                    weights[i] *= weight;
            }
        }
        foreach (ref var weight in weights[..rows.Length])
            weight = weight == 0 ? 0 : Math.Clamp(weight, Least, Most);
    }
}
