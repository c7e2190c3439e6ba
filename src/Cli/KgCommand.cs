using System.CommandLine;
using KgOrleans.Cli.Bench;
using KgOrleans.Cli.Communities;
using KgOrleans.Cli.Diversify;
using KgOrleans.Cli.Evaluate;
using KgOrleans.Cli.Explain;
using KgOrleans.Cli.Import;
using KgOrleans.Cli.Recommend;
using KgOrleans.Cli.Replay;
using KgOrleans.Cli.Scenes;
using KgOrleans.Cli.State;

namespace KgOrleans.Cli;

/// <summary><c>kg</c> itself.</summary>
public static class KgCommand
{
    /// <summary>The root command with everything below it.</summary>
    public static RootCommand Create() => new(
        $"Imports into, asks and measures a KgOrleans service. Exit codes: {ExitCode.Ok} done, {ExitCode.Failed} the service failed or data was lost, {ExitCode.Usage} wrong usage or input, {ExitCode.Cancelled} cancelled.")
    {
        ImportCommand.Create(),
        RecommendCommand.Create(),
        ExplainCommand.Create(),
        ScenesCommand.Create(),
        ReplayCommand.Create(),
        BenchCommand.Create(),
        StateCommand.Create(),
        CommunitiesCommand.Create(),
        EvaluateCommand.Create(),
        DiversifyCommand.Create(),
    };

    /// <summary>Parses and runs a command line; returns the exit code.</summary>
    /// <param name="args">Arguments after the program's name.</param>
    /// <param name="output">Standard output.</param>
    /// <param name="error">Standard error.</param>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error)
    {
        var parsed = Create().Parse(args);
        var exit = await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error });
        return parsed.Errors.Count > 0 ? ExitCode.Usage : exit;
    }
}
