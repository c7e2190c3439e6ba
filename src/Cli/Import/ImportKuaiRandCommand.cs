using System.CommandLine;
using KgOrleans.CommandLine;
using KgOrleans.Import.Sets;

namespace KgOrleans.Cli.Import;

/// <summary><c>kg import kuairand</c>.</summary>
public static class ImportKuaiRandCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "kuairand", "KuaiRand: user and basic video features with log_*.csv (Pure or 1K, unpacked) or an explicit-feedback extract processed_*.tsv.");
        var options = new SetOptions().AddTo(command);
        command.Run((parsed, terminal, cancellation) => options.RunAsync(parsed, terminal, holdOutFile: null, KuaiRand.Read, cancellation));
        return command;
    }
}
