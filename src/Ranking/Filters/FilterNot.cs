using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Filters;

internal sealed class FilterNot(FilterNode inner) : FilterNode
{
    public override bool ReadsAttributes => inner.ReadsAttributes;

    public override bool Matches(in FilterRow row) => !inner.Matches(row);

    public override void Mark(PartitionView view, long now, Span<ulong> bits, BitmapStack scratch)
    {
        inner.Mark(view, now, bits, scratch);
        for (var i = 0; i < bits.Length; i++)
            bits[i] = ~bits[i];
    }
}
