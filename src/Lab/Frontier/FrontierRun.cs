using KgOrleans.Lab.Evaluate;

namespace KgOrleans.Lab.Frontier;

/// <summary>A measure with its difference to no policy, and the interval of that.</summary>
/// <param name="Value">The measure.</param>
/// <param name="Difference">Value minus that of no policy.</param>
/// <param name="Low">Lower end of the 95 % interval of the difference.</param>
/// <param name="High">Upper end.</param>
internal sealed record FrontierMeasure(double Value, double Difference, double Low, double High);

/// <summary>A policy's point of the frontier.</summary>
/// <param name="Policy">Policy.</param>
/// <param name="Strength">Its setting.</param>
/// <param name="Ndcg">NDCG@10.</param>
/// <param name="PageCreators">Distinct creators on a page, mean.</param>
/// <param name="Similarity">Mean cosine of the similarity vectors of two items of a page.</param>
/// <param name="Items">Works with at least five impressions.</param>
/// <param name="Creators">Creators with at least five.</param>
/// <param name="Gini">Gini coefficient of impressions over creators.</param>
/// <param name="MedianAge">Median age in days; null where items have no dates.</param>
internal sealed record FrontierPoint(
    string Policy, string Strength, FrontierMeasure Ndcg, FrontierMeasure PageCreators, FrontierMeasure Similarity, FrontierMeasure Items,
    FrontierMeasure Creators, FrontierMeasure Gini, FrontierMeasure? MedianAge);

/// <summary>
/// Runs every policy over the same candidates and measures the pages. Intervals are those of the paired bootstrap over users (Efron): every policy is measured
/// on the same draws of users as no policy, and the spread of the differences is centred on the difference itself, because a draw with replacement holds users
/// twice, which alone lifts items over a number of impressions.
/// </summary>
/// <param name="data">The data set.</param>
/// <param name="resamples">Draws of users.</param>
/// <param name="seed">Seed of the draws.</param>
internal sealed class FrontierRun(FrontierData data, int resamples, int seed)
{
    private readonly FrontierExposure _exposure = new(data);

    /// <summary>One point for each policy, in their order.</summary>
    public IReadOnlyList<FrontierPoint> Measure(IReadOnlyList<FrontierPolicy> policies, CancellationToken cancellation)
    {
        var pages = policies.Select(_ => new Pages(data.Users.Count)).ToArray();
        for (var u = 0; u < data.Users.Count; u++)
        {
            cancellation.ThrowIfCancellationRequested();
            var user = data.Users[u];
            var candidates = new FrontierCandidates(user, data.BlockOf(user), data.VectorsOf(user), data.Dimension);
            for (var p = 0; p < pages.Length; p++)
                Add(pages[p], u, candidates, policies[p].Pick(candidates));
        }
        var draws = Draws();
        var all = Enumerable.Range(0, data.Users.Count).ToArray();
        double[][]? baseline = null;
        double[]? baselineValues = null;
        var points = new List<FrontierPoint>();
        for (var p = 0; p < pages.Length; p++)
        {
            cancellation.ThrowIfCancellationRequested();
            var values = Values(pages[p], all);
            var drawn = draws.Select(d => Values(pages[p], d)).ToArray();
            baseline ??= drawn;
            baselineValues ??= values;
            FrontierMeasure At(int m) => Compare(values[m], baselineValues[m], drawn.Select((d, r) => d[m] - baseline[r][m]));
            points.Add(
                new FrontierPoint(policies[p].Name, policies[p].Strength, At(0), At(1), At(2), At(3), At(4), At(5), double.IsNaN(values[6]) ? null : At(6)));
        }
        return points;
    }

    private static FrontierMeasure Compare(double value, double baseline, IEnumerable<double> differences)
    {
        var sorted = differences.Order().ToArray();
        var shift = value - baseline - sorted.Average();
        return new FrontierMeasure(
            value, value - baseline, shift + sorted[(int)(0.025 * sorted.Length)], shift + sorted[Math.Max(0, (int)(0.975 * sorted.Length) - 1)]);
    }

    private void Add(Pages pages, int u, FrontierCandidates candidates, int[] picks)
    {
        var user = candidates.User;
        var gains = new float[FrontierPolicy.PageSize];
        for (var i = 0; i < picks.Length; i++)
            gains[i] = user.Gains[picks[i]];
        pages.Ndcg[u] = EvaluateMetrics.Ndcg(gains, user.Ideal);
        pages.Rows[u] = Array.ConvertAll(picks, i => user.Rows[i]);
        pages.Creators[u] = pages.Rows[u].Select(row => data.Creators[row]).Distinct().Count();
        var sum = 0d;
        for (var i = 0; i < picks.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                for (var d = 0; d < candidates.Dimension; d++)
                    sum += candidates.Vectors[(picks[i] * candidates.Dimension) + d] * candidates.Vectors[(picks[j] * candidates.Dimension) + d];
            }
        }
        pages.Similarity[u] = picks.Length < 2 ? 0 : sum / (picks.Length * (picks.Length - 1) / 2);
    }

    private int[][] Draws()
    {
        var random = new Random(seed);
        var draws = new int[resamples][];
        for (var r = 0; r < resamples; r++)
        {
            draws[r] = new int[data.Users.Count];
            foreach (ref var user in draws[r].AsSpan())
                user = random.Next(data.Users.Count);
        }
        return draws;
    }

    private double[] Values(Pages pages, ReadOnlySpan<int> users)
    {
        var reach = _exposure.Measure(pages.Rows, users);
        return [Mean(pages.Ndcg, users), Mean(pages.Creators, users), Mean(pages.Similarity, users), reach.Items, reach.Creators, reach.Gini, reach.MedianAge];
    }

    private static double Mean(double[] values, ReadOnlySpan<int> users)
    {
        var sum = 0d;
        foreach (var user in users)
            sum += values[user];
        return sum / users.Length;
    }

    /// <summary>What a policy showed each user.</summary>
    private sealed class Pages(int users)
    {
        public int[][] Rows { get; } = new int[users][];

        public double[] Ndcg { get; } = new double[users];

        public double[] Creators { get; } = new double[users];

        public double[] Similarity { get; } = new double[users];
    }
}
