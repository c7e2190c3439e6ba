using System.CommandLine;

namespace KgOrleans.Cli.Bench;

/// <summary><c>kg bench</c>.</summary>
public static class BenchCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Create() => new("bench", "Measures a running service, or the kernels and a partition by themselves.")
    {
        BenchServeCommand.Create(),
        BenchKernelsCommand.Create(),
        BenchPartitionCommand.Create(),
    };
}
