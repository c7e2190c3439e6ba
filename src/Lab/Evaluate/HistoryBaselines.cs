using KgOrleans.Kernels.Dot;
using KgOrleans.Lab.Fit;
using KgOrleans.Ranking.Factors;

namespace KgOrleans.Lab.Evaluate;

/// <summary>What a service has to beat on a history: each scores all items for a user from the same positives.</summary>
internal static class HistoryBaselines
{
    // Of "A Troubling Analysis of Reproducibility and Progress in Recommender Systems Research" (Ferrari Dacrema et al. 2021): a usual shrinkage.
    private const float Shrinkage = 10;

    // EASE (Steck 2019): the Gram matrix is inverted over the smaller side.
    private const double EaseLambda = 100;
    private const int EaseLargest = 12_000;

    private const int IalsDimension = 64;

    /// <summary>Popularity: how many users have an item.</summary>
    public static Action<int[], float[]> Popularity(HistoryMatrix history) => (_, scores) =>
    {
        for (var i = 0; i < scores.Length; i++)
            scores[i] = history.Listeners[i].Length;
    };

    /// <summary>Item-based nearest neighbours: cosine with shrinkage (Sarwar et al. 2001), summed over the user's items.</summary>
    public static Action<int[], float[]> ItemKnn(HistoryMatrix history) => (items, scores) =>
    {
        Array.Clear(scores);
        var together = new int[scores.Length];
        var touched = new List<int>();
        foreach (var item in items)
        {
            foreach (var user in history.Listeners[item])
            {
                foreach (var other in history.Positives[user])
                {
                    if (together[other]++ == 0)
                        touched.Add(other);
                }
            }
            foreach (var other in touched)
            {
                scores[other] += together[other] / (MathF.Sqrt((float)history.Listeners[item].Length * history.Listeners[other].Length) + Shrinkage);
                together[other] = 0;
            }
            touched.Clear();
        }
    };

    /// <summary>Implicit ALS with the settings that <c>kg-lab fit</c> starts its search from: 64 dimensions.</summary>
    public static Action<int[], float[]> Ials(HistoryMatrix history, CancellationToken cancellation)
    {
        var likes = new FitData("", new ulong[history.Items.Length], [], [], history.Positives);
        var settings = FitSearch.StartOf(likes, new FitFixed(IalsDimension, null, null, new FactorSettings().Epochs, Seed: 1));
        var model = FactorSolver.Fit(SparseRows.Of(history.Positives, history.Items.Length), settings, Environment.ProcessorCount, null, cancellation);
        return (items, scores) =>
        {
            var user = model.FoldIn(items);
            for (var i = 0; i < scores.Length; i++)
                scores[i] = DotProduct.Single(user, model.Items.AsSpan(i * model.Dimension, model.Dimension));
        };
    }

    /// <summary>
    /// EASE: B = I - P / diag(P) with P = (X'X + lambda)^-1, by the identity P = (I - X' (lambda + X X')^-1 X) / lambda, whose inverse has a row for each user.
    /// Null where there are too many users for that.
    /// </summary>
    public static Action<int[], float[]>? Ease(HistoryMatrix history)
    {
        var n = history.Positives.Length;
        if (n > EaseLargest)
            return null;
        var gram = new double[n * n];
        foreach (var users in history.Listeners)
        {
            foreach (var a in users)
            {
                foreach (var b in users)
                    gram[(a * n) + b]++;
            }
        }
        for (var i = 0; i < n; i++)
            gram[(i * n) + i] += EaseLambda;
        SymmetricInverse.Of(gram, n);
        // diag(P)_i = (1 - x_i' K x_i) / lambda, with x_i the users of item i.
        var diagonal = new double[history.Items.Length];
        Parallel.For(0, diagonal.Length, i =>
        {
            var sum = 0d;
            foreach (var a in history.Listeners[i])
            {
                foreach (var b in history.Listeners[i])
                    sum += gram[(a * n) + b];
            }
            diagonal[i] = 1 - sum;
        });
        return (items, scores) =>
        {
            // The row of the user in X X' first: how many items others share.
            var shared = new double[n];
            foreach (var item in items)
            {
                foreach (var user in history.Listeners[item])
                    shared[user]++;
            }
            var weights = new double[n];
            for (var a = 0; a < n; a++)
            {
                if (shared[a] == 0)
                    continue;
                for (var b = 0; b < n; b++)
                    weights[b] += shared[a] * gram[(a * n) + b];
            }
            for (var i = 0; i < scores.Length; i++)
            {
                var sum = 0d;
                foreach (var user in history.Listeners[i])
                    sum += weights[user];
                scores[i] = (float)(sum / diagonal[i]);
            }
        };
    }
}
