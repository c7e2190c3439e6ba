using KgOrleans.Ranking.Factors;

namespace KgOrleans.Lab.Fit;

/// <summary>
/// Chooses hyper-parameters on the inner split by NDCG@10. From a start in the middle it moves on a grid of factors of three in the weight of unseen pairs and
/// the regularisation while a neighbour is better, then tries dimensions, then how much documents count. So a few fits do what a full grid needs dozens for.
/// </summary>
internal sealed class FitSearch(FitData data, FitSplit split, FitFixed given, int threads, Action<FitChoice> tried, CancellationToken cancellation)
{
    private const double Step = 3;
    private const double Start = 0.1;
    private const double RegularisationStart = 0.03;
    private const double Least = 1e-4;
    private const double Most = 10;
    private const int FirstDimension = 64;

    // A gain below this is chance on some thousand users.
    private const double Gain = 1e-4;

    // The order of settings shows after few passes; the last fit makes all of them.
    private const int Epochs = 8;

    private static readonly int[] Dimensions = [32, 128];
    private static readonly double[] Strengths = [1, 3, 10, 30];

    private readonly SparseRows _train = SparseRows.Of(split.Train, data.Keys.Length);
    private readonly int[] _counts = FitData.CountsOf(split.Train, data.Keys.Length);
    private readonly Dictionary<(int, int, int), (FitChoice Choice, FactorModel Model)> _done = [];

    /// <summary>Most fits that a search makes, for a bar of progress; it often needs fewer.</summary>
    public const int UsualFits = 12;

    /// <summary>Searches.</summary>
    public FitChoice Run()
    {
        var (weight, regularisation) = (0, 0);
        var dimension = given.Dimension ?? FirstDimension;
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
        Start * Math.Pow(Step, weight) is >= Least and <= Most && RegularisationStart * Math.Pow(Step, regularisation) is >= Least and <= Most;

    private (FitChoice Choice, FactorModel Model) Try(int dimension, int weight, int regularisation)
    {
        if (_done.TryGetValue((dimension, weight, regularisation), out var known))
            return known;
        var settings = new FactorSettings
        {
            Dimension = dimension,
            UnobservedWeight = given.UnobservedWeight ?? Rounded(Start * Math.Pow(Step, weight)),
            Regularisation = given.Regularisation ?? Rounded(RegularisationStart * Math.Pow(Step, regularisation)),
            Epochs = Epochs,
            Seed = given.Seed,
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
        return Math.Round(Math.Round(value / unit) * unit, 8);
    }
}
