using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Tests.Filters;

/// <summary>Runs filters over documents by way of the columns that the partition keeps.</summary>
internal static class FilterRows
{
    /// <summary>Time that ages are counted to.</summary>
    public static readonly long Now = new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();

    public static bool Matches(ItemFilter filter, ItemDocument document)
    {
        var row = default(ItemRow);
        var tags = ItemColumns.TagKeys(document);
        ItemColumns.Describe(document, tags, ref row, new float[4]);
        return filter.Matches(new FilterRow(ref row, tags, Now, ItemAttributes.Of(document)));
    }
}
