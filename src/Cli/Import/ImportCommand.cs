using System.CommandLine;

namespace KgOrleans.Cli.Import;

/// <summary><c>kg import</c>.</summary>
public static class ImportCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Create() => new("import", "Imports a public data set, or items, users and events from CSV or NDJSON.")
    {
        ImportHetRecCommand.Create(),
        ImportKuaiRandCommand.Create(),
        ImportCsvCommand.Create(),
        ImportFileCommand.Create("items"),
        ImportFileCommand.Create("users"),
        ImportFileCommand.Create("events"),
    };
}
