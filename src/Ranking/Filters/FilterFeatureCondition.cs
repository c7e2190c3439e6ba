using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Filters;

/// <summary>
/// Whether a named feature lies within bounds, both included, and is one of some values when there are any. An item without the feature never matches.
/// </summary>
/// <param name="name">Key of the feature's name.</param>
/// <param name="low">Least value.</param>
/// <param name="high">Largest value.</param>
/// <param name="oneOf">Values; null for any within the bounds.</param>
internal sealed class FilterFeatureCondition(ulong name, double low, double high, double[]? oneOf) : FilterNode
{
    public override bool ReadsAttributes => true;

    public override bool Matches(in FilterRow row) => row.Attributes is { } attributes && Holds(attributes.Feature(name));

    public override void Mark(PartitionView view, long now, Span<ulong> bits, BitmapStack scratch)
    {
        bits.Clear();
        var features = view.Rows.Indexes.Features;
        var symbol = features.Find(name);
        foreach (var rows in features.Rows(symbol, view.RowCount))
        {
            foreach (var row in rows)
                bits[row >> 6] |= Holds(view.Rows.FeatureOf(row, symbol)) ? 1UL << row : 0;
        }
    }

    private bool Holds(double value) => value >= low && value <= high && (oneOf is null || Array.IndexOf(oneOf, value) >= 0);
}
