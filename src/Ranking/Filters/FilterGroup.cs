using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Filters;

internal sealed class FilterGroup(FilterNode[] children, bool all) : FilterNode
{
    public override bool ReadsAttributes => Array.Exists(children, c => c.ReadsAttributes);

    public override bool Matches(in FilterRow row)
    {
        foreach (var child in children)
        {
            if (child.Matches(row) != all)
                return !all;
        }
        return all;
    }

    public override void Mark(PartitionView view, long now, Span<ulong> bits, BitmapStack scratch)
    {
        children[0].Mark(view, now, bits, scratch);
        if (children.Length == 1)
            return;
        var other = scratch.Push(bits.Length);
        foreach (var child in children.AsSpan(1))
        {
            child.Mark(view, now, other, scratch);
            for (var i = 0; i < bits.Length; i++)
                bits[i] = all ? bits[i] & other[i] : bits[i] | other[i];
        }
        scratch.Pop();
    }
}
