using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Filters;

/// <summary>What a filter can see of an item.</summary>
/// <param name="row">Scalar columns.</param>
/// <param name="tags">Keys of all tags, also of those beyond the row's capacity.</param>
public readonly ref struct FilterRow(ref readonly ItemRow row, ReadOnlySpan<ulong> tags)
{
    /// <summary>Scalar columns.</summary>
    public readonly ref readonly ItemRow Row = ref row;

    /// <summary>Keys of all tags.</summary>
    public readonly ReadOnlySpan<ulong> Tags = tags;
}

internal abstract class FilterNode
{
    public abstract bool Matches(in FilterRow row);
}

internal sealed class FilterNot(FilterNode inner) : FilterNode
{
    public override bool Matches(in FilterRow row) => !inner.Matches(row);
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
}
