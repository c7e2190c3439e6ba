using KgOrleans.CommandLine;
using KgOrleans.Inference.Bundles;
using KgOrleans.Inference.Factors;
using KgOrleans.Lab.Fit;
using KgOrleans.Lab.Replay;
using KgOrleans.Ranking.Factors;

namespace KgOrleans.Lab.Evaluate;

/// <summary>What <c>kg-lab fit</c> makes of the part of a history that is sent.</summary>
internal static class HistoryFit
{
    /// <summary>Writes a bundle; returns its world.</summary>
    public static string Write(SplitHistory history, string folder, int seed, Terminal terminal, CancellationToken cancellation)
    {
        var sent = history.Sent;
        var replayed = new ReplayHistory(sent.WorldId, "evaluate", [.. sent.Items], sent.Users.ToDictionary(u => u.UserId), [.. sent.Events]);
        var likes = FitHistory.Read(replayed, sent.WorldId.Length > 0 ? sent.WorldId : null);
        var given = new FitFixed(null, null, null, new FactorSettings().Epochs, seed);
        var run = new FitRun(likes, given, Environment.ProcessorCount);
        var chosen = FitProgress.Run(terminal.Error, "choosing settings", FitSearch.UsualFits, step => run.Choose(step, cancellation));
        var ranking = FitProgress.Run(
            terminal.Error, "fitting a ranker", given.Epochs,
            step => new FitRankerRun(replayed, likes, given, Environment.ProcessorCount).Run(chosen, step, cancellation));
        var space = FitProgress.Run(terminal.Error, "fitting", given.Epochs, step => run.Fit(chosen, step, cancellation));
        var description = new BundleManifest { Version = $"evaluate-{seed}", WorldId = likes.World };
        FactorBundle.Write(folder, space, ranking.AddTo(description), ranking.Ranker?.Graph);
        return likes.World;
    }
}
