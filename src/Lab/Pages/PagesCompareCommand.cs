using System.CommandLine;
using KgOrleans.CommandLine;

namespace KgOrleans.Lab.Pages;

/// <summary><c>kg-lab pages compare</c>.</summary>
public static class PagesCompareCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("compare", $"Compares two recordings. Exit code {ExitCode.Failed} when anything differs.");
        var first = new Argument<FileInfo>("first") { Description = "Recording of one version." };
        var second = new Argument<FileInfo>("second") { Description = "Recording of the other." };
        var show = new Option<int>("--show") { Description = "Differences to list.", DefaultValueFactory = _ => 20 };
        command.Arguments.Add(first);
        command.Arguments.Add(second);
        command.Options.Add(show);
        command.Run((parsed, terminal, cancellation) =>
        {
            var most = parsed.GetValue(show) is >= 1 and var given ? given : throw new InputException("--show: must be at least 1");
            var (a, b) = (PageRecording.Read(parsed.GetRequiredValue(first)), PageRecording.Read(parsed.GetRequiredValue(second)));
            var (shown, differences) = (0, 0);
            var pages = new HashSet<(string, string, int)>();
            foreach (var difference in PageComparison.Compare(a, b))
            {
                cancellation.ThrowIfCancellationRequested();
                differences++;
                pages.Add((difference.Page.User, difference.Page.Scene, difference.Page.Page));
                if (shown++ < most)
                    terminal.WriteLine(difference.ToString());
            }
            terminal.WriteLine(
                differences == 0 ? $"{a.Pages.Count} pages equal" : $"{differences} differences on {pages.Count} pages of {a.Pages.Count} and {b.Pages.Count}");
            return Task.FromResult(differences == 0 ? ExitCode.Ok : ExitCode.Failed);
        });
        return command;
    }
}
