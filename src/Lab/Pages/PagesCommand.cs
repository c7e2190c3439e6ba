using System.CommandLine;

namespace KgOrleans.Lab.Pages;

/// <summary><c>kg-lab pages</c>.</summary>
public static class PagesCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Create() => new("pages", "Compares the pages of two versions of the service, scores included, to the bit.")
    {
        PagesRecordCommand.Create(),
        PagesCompareCommand.Create(),
    };
}
