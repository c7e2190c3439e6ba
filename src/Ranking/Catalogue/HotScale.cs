namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// The scale that popularity is ordered by: its binary logarithm. Popularities of this year and of ten years ago fit into a float32, and are told apart. Items
/// without popularity stand behind all others, ordered by quality: a new catalogue is not an empty page.
/// </summary>
public static class HotScale
{
    // Scores of items without popularity: below the logarithm of any number.
    private const float Cold = -1_000;

    // Popularity that quality 1 is shown as: less than one event.
    private const float ColdHot = 1e-3f;

    /// <summary>Score of an item with popularity.</summary>
    /// <param name="hot">Popularity, above 0.</param>
    public static float Of(float hot) => MathF.Log2(hot);

    /// <summary>Score of an item without popularity.</summary>
    /// <param name="quality">Quality, 0..1.</param>
    public static float OfUnmet(float quality) => Cold + quality;

    /// <summary>The popularity that a score stands for: to be shown, not to sort by.</summary>
    public static float ToPopularity(float score) => score < Cold / 2 ? ColdHot * (score - Cold) : float.Exp2(score);
}
