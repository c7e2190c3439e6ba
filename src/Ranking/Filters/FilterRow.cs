using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Filters;

/// <summary>The fields of an item that a filter can test.</summary>
/// <param name="row">Scalar columns.</param>
/// <param name="tags">Keys of all tags, also of those beyond the row's capacity.</param>
/// <param name="now">Time that ages are counted to, unix milliseconds.</param>
/// <param name="attributes">Communities and features; null where no filter reads them.</param>
public readonly ref struct FilterRow(ref readonly ItemRow row, ReadOnlySpan<ulong> tags, long now, ItemAttributes? attributes = null)
{
    /// <summary>Scalar columns.</summary>
    public readonly ref readonly ItemRow Row = ref row;

    /// <summary>Keys of all tags.</summary>
    public readonly ReadOnlySpan<ulong> Tags = tags;

    /// <summary>Time that ages are counted to, unix milliseconds.</summary>
    public readonly long Now = now;

    /// <summary>Communities and features.</summary>
    public readonly ItemAttributes? Attributes = attributes;
}
