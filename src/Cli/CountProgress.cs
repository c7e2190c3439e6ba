using System.Globalization;
using Spectre.Console;

namespace KgOrleans.Cli;

/// <summary>Shows how much is done: bars on a terminal, a line every few seconds elsewhere.</summary>
internal sealed class CountProgress
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(2);

    private readonly IAnsiConsole _console;
    private readonly TimeProvider _time;
    private readonly ProgressContext? _bars;

    private CountProgress(IAnsiConsole console, TimeProvider time, ProgressContext? bars)
    {
        _console = console;
        _time = time;
        _bars = bars;
    }

    /// <summary>Runs work that reports to a progress display on a console.</summary>
    public static async Task RunAsync(IAnsiConsole console, TimeProvider time, Func<CountProgress, Task> work)
    {
        if (!console.Profile.Capabilities.Interactive)
        {
            await work(new CountProgress(console, time, null));
            return;
        }
        await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
            .StartAsync(bars => work(new CountProgress(console, time, bars)));
    }

    /// <summary>Starts a phase; the result is called with how much of it is done. Without a total only the count is shown.</summary>
    public Action<long> Begin(string name, long? total)
    {
        if (_bars is not null)
        {
            var bar = _bars.AddTask(name, maxValue: Math.Max(1, total ?? 1));
            bar.IsIndeterminate = total is null;
            return done =>
            {
                bar.Description = total is null ? string.Create(CultureInfo.InvariantCulture, $"{name} {done:N0}") : name;
                bar.Value = total is null ? 0 : done;
            };
        }
        var last = _time.GetTimestamp();
        return done =>
        {
            lock (_console)
            {
                if (done != total && _time.GetElapsedTime(last) < LineInterval)
                    return;
                last = _time.GetTimestamp();
                _console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {done:N0}{(total is null ? "" : $" of {total:N0}")}"));
            }
        };
    }
}
