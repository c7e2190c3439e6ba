using KgOrleans.CommandLine;
using KgOrleans.Inference.Factors;
using KgOrleans.Lab.Replay;

namespace KgOrleans.Lab.Fit;

/// <summary>A whole fit of a history.</summary>
/// <param name="Run">What was tried.</param>
/// <param name="Chosen">Settings that were chosen.</param>
/// <param name="Ranking">The fine ranker, or why there is none.</param>
/// <param name="Space">The factors.</param>
internal sealed record FitResult(FitRun Run, FitChoice Chosen, FitRankerOutcome Ranking, FactorSpace Space)
{
    /// <summary>Chooses settings, fits a ranker, fits the factors; progress goes to the terminal's errors.</summary>
    public static FitResult Make(ReplayHistory history, FitData likes, FitFixed given, int threads, Terminal terminal, CancellationToken cancellation)
    {
        var run = new FitRun(likes, given, threads);
        var chosen = FitProgress.Run(terminal.Error, "choosing settings", FitSearch.UsualFits, step => run.Choose(step, cancellation));
        var ranking = FitProgress.Run(
            terminal.Error, "fitting a ranker", given.Epochs, step => new FitRankerRun(history, likes, given, threads).Run(chosen, step, cancellation));
        var space = FitProgress.Run(terminal.Error, "fitting", given.Epochs, step => run.Fit(chosen, step, cancellation));
        return new FitResult(run, chosen, ranking, space);
    }
}
