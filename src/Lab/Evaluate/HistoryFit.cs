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
        var likes = FitHistory.Read(
            new ReplayHistory(sent.WorldId, "evaluate", [.. sent.Items], sent.Users.ToDictionary(u => u.UserId), [.. sent.Events]),
            sent.WorldId.Length > 0 ? sent.WorldId : null);
        var run = new FitRun(likes, new FitFixed(null, null, null, new FactorSettings().Epochs, seed), Environment.ProcessorCount);
        var chosen = FitProgress.Run(terminal.Error, "choosing settings", FitSearch.UsualFits, step => run.Choose(step, cancellation));
        var space = FitProgress.Run(terminal.Error, "fitting", new FactorSettings().Epochs, step => run.Fit(chosen, step, cancellation));
        FactorBundle.Write(folder, space, new BundleManifest { Version = $"evaluate-{seed}", WorldId = likes.World });
        return likes.World;
    }
}
