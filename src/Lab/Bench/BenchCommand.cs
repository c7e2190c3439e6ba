using System.CommandLine;
using KgOrleans.Lab.Fit;
using KgOrleans.Lab.Frontier;

namespace KgOrleans.Lab.Bench;

/// <summary><c>kg-lab bench</c>.</summary>
public static class BenchCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Create() => new("bench", "Measures a running service, or parts by themselves.")
    {
        BenchServeCommand.Create(),
        BenchActivationCommand.Create(),
        BenchCatalogueCommand.Create(),
        BenchKernelsCommand.Create(),
        BenchPartitionCommand.Create(),
        BenchRankerCommand.Create(),
        BenchStateCommand.Create(),
        BenchStoreCommand.Create(),
        BenchDiversityCommand.Create(),
        BenchFitCommand.Create(),
    };
}
