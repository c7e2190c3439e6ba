using KgOrleans.Inference.Factors;
using KgOrleans.Ranking.Factors;

namespace KgOrleans.Lab.Fit;

/// <summary>From likes to a space of factors.</summary>
internal sealed class FitRun(FitData data, FitFixed given, int threads)
{
    // The mean of users hardly moves with more.
    private const int MostInMean = 5_000;

    /// <summary>Everything that was tried, in order.</summary>
    public List<FitChoice> Tried { get; } = [];

    /// <summary>What popularity reaches on the inner split; null when there was none.</summary>
    public FitScore? Popularity { get; private set; }

    /// <summary>Users asked on the inner split.</summary>
    public int Asked { get; private set; }

    /// <summary>
    /// Chooses settings on the inner split. A history that is too small for one gets those that a search would start from.
    /// </summary>
    public FitChoice Choose(Action progress, CancellationToken cancellation)
    {
        var split = FitSplit.Of(data, given.Seed);
        Asked = split.Asked;
        if (split.Asked == 0)
            return new FitChoice(FitSearch.StartOf(data, given), 0, default);
        Popularity = FitScore.OfPopularity(split, FitData.CountsOf(split.Train, data.Keys.Length), threads, cancellation);
        return new FitSearch(data, split, given, threads, choice =>
        {
            Tried.Add(choice);
            progress();
        }, cancellation).Run();
    }

    /// <summary>Fits all likes with the chosen settings.</summary>
    public FactorSpace Fit(FitChoice choice, Action progress, CancellationToken cancellation)
    {
        var settings = choice.Settings with { Epochs = given.Epochs };
        var fitted = FactorSolver.Fit(SparseRows.Of(data.Users, data.Keys.Length), settings, threads, progress, cancellation);
        var counts = FitData.CountsOf(data.Users, data.Keys.Length);
        var content = FitBlend.Content(fitted, data.Tokens, counts);
        var model = FitBlend.Of(fitted, content, data.Tokens, counts, choice.ContentStrength);
        return new FactorSpace(data.Keys, model, content, MeanUser(model));
    }

    private float[] MeanUser(FactorModel model)
    {
        var mean = new float[model.Dimension];
        var count = Math.Min(MostInMean, data.Users.Length);
        for (var n = 0; n < count; n++)
        {
            var vector = model.FoldIn(FitScore.Newest(data.Users[(int)((long)n * data.Users.Length / count)]));
            for (var i = 0; i < mean.Length; i++)
                mean[i] += vector[i] / count;
        }
        return mean;
    }
}
