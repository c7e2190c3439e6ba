using KgOrleans.Kernels.Dot;
using KgOrleans.Lab.Evaluate;
using KgOrleans.Ranking.Factors;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Lab.Fit;

/// <summary>How well held-out likes are found again: means over the users that were asked.</summary>
/// <param name="Ndcg">NDCG@10, every held-out like worth the same.</param>
/// <param name="Recall">Recall@10.</param>
internal readonly record struct FitScore(double Ndcg, double Recall)
{
    private const int Length = 10;

    /// <summary>The newest of a user's likes, as many as a served user is folded in from at most.</summary>
    public static ReadOnlySpan<int> Newest(int[] likes) => likes.AsSpan(Math.Max(0, likes.Length - UserStateUpdater.HistoryLength));

    /// <summary>Scores a model: users are folded in as in serving.</summary>
    public static FitScore Of(FitSplit split, FactorModel model, int threads, CancellationToken cancellation) =>
        Of(split, model.ItemCount, threads, cancellation,
            (user, scores) => DotProduct.Rows(model.FoldIn(Newest(split.Train[user])), model.Items, model.Dimension, scores));

    /// <summary>Scores popularity, which every model has to beat.</summary>
    public static FitScore OfPopularity(FitSplit split, int[] counts, int threads, CancellationToken cancellation) =>
        Of(split, counts.Length, threads, cancellation, (_, scores) =>
        {
            for (var i = 0; i < scores.Length; i++)
                scores[i] = counts[i];
        });

    private static FitScore Of(FitSplit split, int items, int threads, CancellationToken cancellation, Action<int, float[]> score)
    {
        var asked = Enumerable.Range(0, split.HeldOut.Length).Where(u => split.HeldOut[u].Length > 0).ToArray();
        var found = new FitScore[asked.Length];
        Parallel.For(0, asked.Length, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, () => new float[items],
            (n, _, scores) =>
            {
                var user = asked[n];
                score(user, scores);
                foreach (var item in split.Train[user])
                    scores[item] = float.NegativeInfinity;
                found[n] = OfList(Best(scores), split.HeldOut[user]);
                return scores;
            }, _ => { });
        return new FitScore(found.Sum(f => f.Ndcg) / Math.Max(1, found.Length), found.Sum(f => f.Recall) / Math.Max(1, found.Length));
    }

    // Most items are worse than the tenth so far, and cost one comparison.
    private static int[] Best(ReadOnlySpan<float> scores)
    {
        var best = new int[Math.Min(Length, scores.Length)];
        var count = 0;
        for (var item = 0; item < scores.Length; item++)
        {
            if (count == best.Length && !(scores[item] > scores[best[^1]]))
                continue;
            var place = count < best.Length ? count++ : best.Length - 1;
            for (; place > 0 && scores[item] > scores[best[place - 1]]; place--)
                best[place] = best[place - 1];
            best[place] = item;
        }
        return best;
    }

    private static FitScore OfList(int[] list, int[] wanted)
    {
        var heldOut = wanted.ToHashSet();
        var gains = Array.ConvertAll(list, item => heldOut.Contains(item) ? 1f : 0f);
        var ideal = Enumerable.Repeat(1f, Math.Min(Length, wanted.Length)).ToArray();
        return new FitScore(EvaluateMetrics.Ndcg(gains, ideal), EvaluateMetrics.Recall(list, heldOut));
    }
}
