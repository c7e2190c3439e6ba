using System.CommandLine;
using KgOrleans.Cli.Explain;
using KgOrleans.Cli.Export;
using KgOrleans.Cli.Import;
using KgOrleans.Cli.Recommend;
using KgOrleans.Cli.Scenes;
using KgOrleans.CommandLine;

namespace KgOrleans.Cli;

/// <summary><c>kg</c> itself.</summary>
public static class KgCommand
{
    /// <summary>The root command with everything below it.</summary>
    public static RootCommand Create() => new($"Imports into a running KgOrleans service, exports from it and asks it. {ExitCode.Explained}")
    {
        ImportCommand.Create(),
        ExportCommand.Create(),
        RecommendCommand.Create(),
        ExplainCommand.Create(),
        ScenesCommand.Create(),
    };
}
