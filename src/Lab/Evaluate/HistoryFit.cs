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
        var fit = FitResult.Make(replayed, likes, given, Environment.ProcessorCount, terminal, cancellation);
        var description = new BundleManifest { Version = $"evaluate-{seed}", WorldId = likes.World };
        FactorBundle.Write(folder, fit.Space, fit.Ranking.AddTo(description), fit.Ranking.Ranker?.Graph);
        return likes.World;
    }
}
