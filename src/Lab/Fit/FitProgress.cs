using Spectre.Console;

namespace KgOrleans.Lab.Fit;

/// <summary>Shows how far a fit is: a bar on a terminal, nothing elsewhere.</summary>
internal static class FitProgress
{
    /// <summary>Runs work that reports its steps.</summary>
    /// <param name="console">Where the bar is shown.</param>
    /// <param name="name">What is done.</param>
    /// <param name="steps">Steps that it usually takes.</param>
    /// <param name="work">The work; it calls what it is given after each step.</param>
    public static T Run<T>(IAnsiConsole console, string name, int steps, Func<Action, T> work)
    {
        if (!console.Profile.Capabilities.Interactive)
            return work(() => { });
        return console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .Start(bars =>
            {
                var bar = bars.AddTask(name, maxValue: steps);
                var result = work(() => bar.Increment(1));
                bar.Value = bar.MaxValue;
                return result;
            });
    }
}
