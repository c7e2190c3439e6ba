using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Filters;

namespace KgOrleans.Ranking.Recall;

/// <summary>Cold start: which items are owed exposure, and how much of it.</summary>
public static class Exposure
{
    private const double DayMs = 86_400_000;

    // Half of the score is the debt alone: a poor new item still comes before a good one that has had nearly everything.
    private const float DebtShare = 0.5f;

    /// <summary>Whether an item is, or was, owed impressions at a time: published in the window that ends now, and of enough or unknown quality.</summary>
    public static bool IsOwed(ColdStartSettings settings, long now, long publishedAt, float quality) =>
        publishedAt <= now && publishedAt >= now - (settings.Days * DayMs) && !(quality < settings.MinQuality);

    /// <summary>The fresh channel's score: the open share of the debt, times 0.5 + quality / 2; unknown quality counts as 0.5.</summary>
    public static float ScoreOf(ColdStartSettings settings, int impressions, float quality) =>
        (settings.Impressions - impressions) / (float)settings.Impressions * (DebtShare + ((1 - DebtShare) * RowReader.QualityOf(quality)));

    /// <summary>Sums the exposure of the items that a scene may show.</summary>
    /// <param name="view">View that the caller holds.</param>
    /// <param name="request">World, times and admission; the lists of a user stay empty.</param>
    /// <param name="settings">What is owed.</param>
    public static ExposureSum SumOf(PartitionView view, RecallRequest request, ColdStartSettings settings) => Sum(view, request, settings, 0, view.RowCount);

    /// <summary>Exposure of one item: zero when it is not, or no longer, owed any.</summary>
    /// <param name="view">View that the caller holds.</param>
    /// <param name="request">World, times and admission.</param>
    /// <param name="settings">What is owed.</param>
    /// <param name="row">Row of the item.</param>
    public static ExposureSum Of(PartitionView view, RecallRequest request, ColdStartSettings settings, int row) => Sum(view, request, settings, row, row + 1);

    private static unsafe ExposureSum Sum(PartitionView view, RecallRequest request, ColdStartSettings settings, int from, int to)
    {
        view.ThrowIfClosed();
        var bits = new ulong[view.BitmapWords];
        Eligibility.Mark(view, request, bits, new BitmapStack());
        var sum = default(ExposureSum);
        for (var row = from; row < to; row++)
        {
            if (!Eligibility.Has(bits, row))
                continue;
            var (columns, place) = (view.Rows.Columns(row), view.Rows.Place(row));
            if (!IsOwed(settings, request.Now, columns.PublishedAt[place], columns.Qualities[place]))
                continue;
            var delivered = Math.Min(settings.Impressions, view.States.CountersOf(row).Impressions);
            sum += new ExposureSum(1, delivered < settings.Impressions ? 1 : 0, settings.Impressions, delivered);
        }
        GC.KeepAlive(view);
        return sum;
    }
}
