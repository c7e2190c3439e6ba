using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Filters;

/// <summary>What a filter can see of an item.</summary>
/// <param name="row">Scalar columns.</param>
/// <param name="tags">Keys of all tags, also of those beyond the row's capacity.</param>
/// <param name="now">Time that ages are counted to, unix milliseconds.</param>
public readonly ref struct FilterRow(ref readonly ItemRow row, ReadOnlySpan<ulong> tags, long now)
{
    /// <summary>Scalar columns.</summary>
    public readonly ref readonly ItemRow Row = ref row;

    /// <summary>Keys of all tags.</summary>
    public readonly ReadOnlySpan<ulong> Tags = tags;

    /// <summary>Time that ages are counted to, unix milliseconds.</summary>
    public readonly long Now = now;
}

internal abstract class FilterNode
{
    /// <summary>Whether one row matches: what a filter means, and what bitmaps are tested against.</summary>
    public abstract bool Matches(in FilterRow row);

    /// <summary>Sets the bit of every row of a view that matches and clears all others; bits of dead rows may be either.</summary>
    public abstract void Mark(PartitionView view, long now, Span<ulong> bits, BitmapStack scratch);
}

internal sealed class FilterNot(FilterNode inner) : FilterNode
{
    public override bool Matches(in FilterRow row) => !inner.Matches(row);

    public override void Mark(PartitionView view, long now, Span<ulong> bits, BitmapStack scratch)
    {
        inner.Mark(view, now, bits, scratch);
        for (var i = 0; i < bits.Length; i++)
            bits[i] = ~bits[i];
    }
}

internal sealed class FilterGroup(FilterNode[] children, bool all) : FilterNode
{
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
