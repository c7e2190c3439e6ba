using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Filters;

internal abstract class FilterNode
{
    /// <summary>Whether <see cref="Matches"/> reads the row's <see cref="FilterRow.Attributes"/>.</summary>
    public virtual bool ReadsAttributes => false;

    /// <summary>Whether one row matches. This defines what a filter means; <see cref="Mark"/> must agree with it.</summary>
    public abstract bool Matches(in FilterRow row);

    /// <summary>Sets the bit of every row of a view that matches and clears all others; bits of dead rows may be either.</summary>
    public abstract void Mark(PartitionView view, long now, Span<ulong> bits, BitmapStack scratch);
}
