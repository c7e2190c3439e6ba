using System.Globalization;
using KgOrleans.Inference.Factors;
using Spectre.Console;

namespace KgOrleans.Lab.Fit;

/// <summary>Tells what was tried and what was written.</summary>
internal static class FitReport
{
    /// <summary>The table of the search.</summary>
    public static void WriteSearch(IAnsiConsole console, FitRun run, FitChoice chosen)
    {
        if (run.Popularity is not { } popularity)
        {
            console.WriteLine("No user has the 5 likes that an inner split takes: the settings follow from the size of the history.");
            return;
        }
        var table = new Table().Border(TableBorder.Rounded).Title(Text($"Inner split: the newest tenth of the likes of {run.Asked:N0} users"));
        table.AddColumn("method");
        foreach (var column in (string[])["dimension", "unseen weight", "regularisation", "content", "NDCG@10", "recall@10"])
            table.AddColumn(new TableColumn(column).RightAligned());
        table.AddRow("popularity", "", "", "", "", Text($"{popularity.Ndcg:0.0000}"), Text($"{popularity.Recall:0.0000}"));
        foreach (var choice in run.Tried)
            table.AddRow(
                choice == chosen ? "factors, chosen" : "factors", Text($"{choice.Settings.Dimension}"), Text($"{choice.Settings.UnobservedWeight}"),
                Text($"{choice.Settings.Regularisation}"), Text($"{choice.ContentStrength}"), Text($"{choice.Score.Ndcg:0.0000}"),
                Text($"{choice.Score.Recall:0.0000}"));
        console.Write(table);
        if (chosen.Score.Ndcg <= popularity.Ndcg)
            console.WriteLine("No setting is better than popularity on this history. It is written all the same; think twice before you serve it.");
    }

    /// <summary>Whether there is a fine ranker, and why.</summary>
    public static void WriteRanker(IAnsiConsole console, FitRankerOutcome outcome)
    {
        var measured = outcome.Score is { } score
            ? Text($" (GAUC {score.Ranker:0.0000}, of the factors alone {score.Factors:0.0000}, on the newest {score.Requests:N0} requests; ")
                + Text($"95 % interval of the difference {score.Low:+0.0000;-0.0000} to {score.High:+0.0000;-0.0000})")
            : "";
        var what = outcome.Ranker is { } ranker ? $"Fine ranker of {string.Join(", ", ranker.Objectives)}" : $"No fine ranker: {outcome.Reason}";
        console.WriteLine($"{what}{measured}.");
        if (outcome.Ranker is not null && outcome.LeftOut.Count > 0)
            console.WriteLine($"Left out, for want of positives among the impressions: {string.Join(", ", outcome.LeftOut)}.");
    }

    /// <summary>What was written, and how to serve it.</summary>
    public static void WriteBundle(IAnsiConsole console, string folder, FitData data, FactorSpace space, string version, TimeSpan took)
    {
        console.WriteLine(Text(
            $"{data.Positives:N0} likes of {data.Users.Length:N0} users and {data.Keys.Length:N0} items of world {data.World}; ")
            + Text($"{space.Content.Tokens.Length:N0} tags, creators and other tokens for new items; {took.TotalSeconds:0.0} s"));
        console.WriteLine($"bundle {version} written to {folder}");
        console.WriteLine("To serve it, start the service with:");
        console.WriteLine($"  Kg__Model__Path={Path.GetFullPath(folder)} Kg__Catalogue__WorldId={data.World}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
