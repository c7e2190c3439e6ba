using KgOrleans.Lab.Evaluate;

namespace KgOrleans.Lab.Fit;

/// <summary>
/// How well a ranker orders what requests showed, beside the order that it would change: the mean over requests of the AUC of their items (GAUC). An item is a
/// positive when any of the objectives happened.
/// </summary>
/// <param name="Requests">Requests with both a positive and another item; no other tells an order.</param>
/// <param name="Ranker">GAUC of the ranker's fused score.</param>
/// <param name="Factors">GAUC of the factors' score alone.</param>
/// <param name="Low">Lower end of the 95 % interval of the difference (paired bootstrap over requests).</param>
/// <param name="High">Its upper end.</param>
internal sealed record FitRankerScore(int Requests, double Ranker, double Factors, double Low, double High)
{
    /// <summary>Whether the ranker is better than what it reorders, and not by chance.</summary>
    public bool IsBetter => Low > 0;

    /// <summary>Measures.</summary>
    /// <param name="starts">First row of each request, and the number of rows.</param>
    /// <param name="labels">Positives, by row.</param>
    /// <param name="ranked">Scores of the ranker.</param>
    /// <param name="factors">Scores of the factors.</param>
    /// <param name="seed">Seed of the bootstrap.</param>
    public static FitRankerScore Of(IReadOnlyList<int> starts, bool[] labels, ReadOnlySpan<float> ranked, ReadOnlySpan<float> factors, int seed)
    {
        var (ours, theirs) = (new List<double>(), new List<double>());
        for (var r = 0; r + 1 < starts.Count; r++)
        {
            var (at, count) = (starts[r], starts[r + 1] - starts[r]);
            if (EvaluateMetrics.Auc(ranked.Slice(at, count), labels.AsSpan(at, count)) is not { } auc)
                continue;
            ours.Add(auc);
            theirs.Add(EvaluateMetrics.Auc(factors.Slice(at, count), labels.AsSpan(at, count))!.Value);
        }
        if (ours.Count == 0)
            return new FitRankerScore(0, 0, 0, 0, 0);
        var (_, low, high) = EvaluateMetrics.PairedDifference([.. ours], [.. theirs], seed);
        return new FitRankerScore(ours.Count, ours.Average(), theirs.Average(), low, high);
    }
}
