namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// What one tag of an item says about it: the more tags an item has, the less, by the square root of their number, as in a cosine. In 256ths, so that sums of
/// shares are whole numbers.
/// </summary>
internal static class TagShare
{
    /// <summary>The share of an item's only tag.</summary>
    public const int Whole = 1 << Bits;

    /// <summary>Bits of a share.</summary>
    public const int Bits = 8;

    /// <summary>The share as a row stores it: one less, so that a byte suffices.</summary>
    /// <param name="tags">Tags of the item.</param>
    public static byte Stored(int tags) => (byte)(Math.Round(Whole / Math.Sqrt(Math.Max(1, tags))) - 1);
}
