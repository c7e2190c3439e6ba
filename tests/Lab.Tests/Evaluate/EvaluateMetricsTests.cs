using KgOrleans.Lab.Evaluate;

namespace KgOrleans.Lab.Tests.Evaluate;

[Trait("Suite", "Unit")]
public class EvaluateMetricsTests
{
    [Fact]
    public void NDCG_is_1_for_the_ideal_list_and_discounts_later_places()
    {
        Assert.Equal(1, EvaluateMetrics.Ndcg([3, 2, 1], [3, 2, 1]), 12);
        // (1 + 3 / log2(3)) / (3 + 1 / log2(3))
        Assert.Equal(0.7967075, EvaluateMetrics.Ndcg([1, 3], [3, 1]), 6);
        Assert.Equal(0, EvaluateMetrics.Ndcg([0, 0], [0, 0]));
    }

    [Fact]
    public void Top_takes_the_best_of_the_eligible_rows_and_breaks_ties_by_row() =>
        Assert.Equal([4, 1, 2], EvaluateMetrics.Top([9, 5, 5, 1, 7, 5], [1, 2, 3, 4, 5], 3));

    [Fact]
    public void Recall_is_the_share_found() => Assert.Equal(0.5, EvaluateMetrics.Recall([1, 2, 9], new HashSet<int> { 2, 3, 9, 7 }));

    [Fact]
    public void AUC_counts_ordered_pairs_and_ties_half()
    {
        Assert.Equal(1, EvaluateMetrics.Auc([3, 2, 1], [true, false, false]));
        Assert.Equal(0.25, EvaluateMetrics.Auc([1, 1, 2], [true, false, false]));
        Assert.Null(EvaluateMetrics.Auc([1, 2], [true, true]));
    }

    [Fact]
    public void The_interval_of_a_paired_difference_holds_its_mean_and_narrows_with_agreement()
    {
        var random = new Random(1);
        double[] b = [.. Enumerable.Range(0, 200).Select(_ => random.NextDouble())];
        double[] a = [.. b.Select(x => x + 0.1 + (0.2 * (random.NextDouble() - 0.5)))];

        var (mean, low, high) = EvaluateMetrics.PairedDifference(a, b, seed: 1);

        Assert.Equal(0.1, mean, 0.01);
        Assert.InRange(low, 0.08, mean);
        Assert.InRange(high, mean, 0.12);
        Assert.Equal((mean, low, high), EvaluateMetrics.PairedDifference(a, b, seed: 1));
    }

    [Fact]
    public void Item_neighbours_are_works_that_the_same_users_played()
    {
        var knn = new EvaluateItemKnn(4);
        foreach (var (user, item) in ((string, int)[])[("a", 0), ("a", 1), ("b", 0), ("b", 1), ("c", 0), ("c", 2), ("me", 0), ("me", 0)])
            knn.Add(user, item);
        var scores = new float[4];

        knn.Score("me", [4, 2, 1, 0], scores);

        // |{a, b}| / (sqrt(4 * 2) + 100) against |{c}| / (sqrt(4 * 1) + 100): a repeated play counts once.
        Assert.Equal(2 / (MathF.Sqrt(8) + 100), scores[1], 1e-5f);
        Assert.Equal(1 / (MathF.Sqrt(4) + 100), scores[2], 1e-5f);
        Assert.Equal(0, scores[3], 1e-5f);
        knn.Score("stranger", [4, 2, 1, 0], scores);
        Assert.True(scores[0] > scores[1] && scores[1] > scores[2]);
    }
}
