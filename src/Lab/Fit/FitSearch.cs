using KgOrleans.Ranking.Factors;

namespace KgOrleans.Lab.Fit;

/// <summary>
/// Chooses hyper-parameters on the inner split by NDCG@10. From a start that fits the size of the history it moves on a grid of factors of three in the weight
/// of unseen pairs and the regularisation while a neighbour is better, then tries dimensions, then how much documents count. So a few fits do what a full grid
/// needs dozens for.
/// </summary>
internal sealed class FitSearch(FitData data, FitSplit split, FitFixed given, int threads, Action<FitChoice> tried, CancellationToken cancellation)
{
    private const double Step = 3;
    private const int MostSteps = 6;

    // All unseen pairs of a user weigh this many times as much as the seen ones, and a mean row is regularised so much: both lie between what is best for
    // HetRec Last.fm and what the paper reports for its larger sets. Far above them all vectors vanish, and no neighbour would be better.
    private const double UnseenToSeen = 6;
    private const double MeanRegularisation = 5;

    // A gain below this is chance on some thousand users.
    private const double Gain = 1e-4;

    // The order of settings shows after few passes; the last fit makes all of them.
    private const int Epochs = 8;

    private static readonly int[] Dimensions = [32, 128];
    private static readonly double[] Strengths = [1, 3, 10, 30];

    private readonly FactorSettings _start = StartOf(data, given);
    private readonly SparseRows _train = SparseRows.Of(split.Train, data.Keys.Length);
    private readonly int[] _counts = FitData.CountsOf(split.Train, data.Keys.Length);
    private readonly Dictionary<(int, int, int), (FitChoice Choice, FactorModel Model)> _done = [];

    /// <summary>Settings that a search usually tries, for a bar of progress.</summary>
    public const int UsualFits = 12;

    /// <summary>Where a search starts, and what a history without an inner split gets.</summary>
    public static FactorSettings StartOf(FitData data, FitFixed given)
    {
        var mean = (double)data.Positives / data.Users.Length;
        var defaults = new FactorSettings();
        return defaults with
        {
            Dimension = given.Dimension ?? defaults.Dimension,
            UnobservedWeight = given.UnobservedWeight ?? Rounded(UnseenToSeen * mean / data.Keys.Length),
            Regularisation = given.Regularisation ?? Rounded(MeanRegularisation / (mean * (1 + UnseenToSeen))),
            Epochs = Epochs,
            Seed = given.Seed,
        };
    }

    /// <summary>Searches.</summary>
    public FitChoice Run()
    {
        var (weight, regularisation) = (0, 0);
        var dimension = _start.Dimension;
        var best = Try(dimension, weight, regularisation);
        for (var moved = true; moved;)
        {
            moved = false;
            foreach (var (w, r) in ((int, int)[])[(1, 0), (-1, 0), (0, 1), (0, -1)])
            {
                if ((w != 0 && given.UnobservedWeight is not null) || (r != 0 && given.Regularisation is not null) || !InRange(weight + w, regularisation + r))
                    continue;
                var next = Try(dimension, weight + w, regularisation + r);
                if (next.Choice.Score.Ndcg <= best.Choice.Score.Ndcg + Gain)
                    continue;
                (best, weight, regularisation, moved) = (next, weight + w, regularisation + r, true);
                break;
            }
        }
        foreach (var other in given.Dimension is null ? Dimensions : [])
        {
            var next = Try(other, weight, regularisation);
            if (next.Choice.Score.Ndcg > best.Choice.Score.Ndcg + Gain)
                best = next;
        }
        return WithContent(best.Choice, best.Model);
    }

    private static bool InRange(int weight, int regularisation) =>
        Math.Abs(weight) <= MostSteps && Math.Abs(regularisation) <= MostSteps;

    private (FitChoice Choice, FactorModel Model) Try(int dimension, int weight, int regularisation)
    {
        if (_done.TryGetValue((dimension, weight, regularisation), out var known))
            return known;
        var settings = _start with
        {
            Dimension = dimension,
            UnobservedWeight = given.UnobservedWeight ?? Rounded(_start.UnobservedWeight * Math.Pow(Step, weight)),
            Regularisation = given.Regularisation ?? Rounded(_start.Regularisation * Math.Pow(Step, regularisation)),
        };
        var model = FactorSolver.Fit(_train, settings, threads, progress: null, cancellation);
        var choice = new FitChoice(settings, 0, FitScore.Of(split, model, threads, cancellation));
        tried(choice);
        return _done[(dimension, weight, regularisation)] = (choice, model);
    }

    private FitChoice WithContent(FitChoice best, FactorModel model)
    {
        if (data.Tokens.All(t => t.Length == 0))
            return best;
        var content = FitBlend.Content(model, data.Tokens, _counts);
        foreach (var strength in Strengths)
        {
            var blended = FitBlend.Of(model, content, data.Tokens, _counts, strength);
            var choice = new FitChoice(best.Settings, strength, FitScore.Of(split, blended, threads, cancellation));
            tried(choice);
            if (choice.Score.Ndcg <= best.Score.Ndcg + Gain)
                break;
            best = choice;
        }
        return best;
    }

    // Two digits: nobody should read precision into it.
    private static double Rounded(double value)
    {
        var unit = Math.Pow(10, Math.Floor(Math.Log10(value)) - 1);
        return Math.Round(Math.Round(value / unit) * unit, 12);
    }
}
