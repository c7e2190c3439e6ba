using System.Globalization;
using KgOrleans.Client;
using KgOrleans.CommandLine;
using KgOrleans.Ranking.Items;
using Spectre.Console;

namespace KgOrleans.Cli.Recommend;

/// <summary>A page of recommendations as a table, and below it in plain words what was not as it should be.</summary>
internal static class PageTable
{
    private const string None = "-";
    private const string ColdStart = "coldStart";
    private const int TagsShown = 4;

    /// <summary>Writes one page.</summary>
    public static void Write(
        IAnsiConsole console, RecommendRequest request, int page, RecommendReply reply, IReadOnlyDictionary<string, ItemDocument> documents)
    {
        var title = $"{request.UserId} in {request.Scene}" + (page > 1 ? $", page {page}" : "");
        var table = new Table().Border(TableBorder.Rounded).Title(title.EscapeMarkup());
        table.AddColumn(new TableColumn("#").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("item"));
        table.AddColumn(new TableColumn("creator, song"));
        table.AddColumn(new TableColumn("tags"));
        table.AddColumn(new TableColumn("recall").NoWrap());
        table.AddColumn(new TableColumn("pre-rank").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("objectives").NoWrap());
        table.AddColumn(new TableColumn("final").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("reasons"));
        foreach (var item in reply.Items)
        {
            documents.TryGetValue(item.ItemId, out var document);
            table.AddRow(
                Cell((item.Position + 1).ToString(CultureInfo.InvariantCulture)),
                Cell(document?.Title is { } name ? $"{name}\n{item.ItemId}" : item.ItemId),
                Cell(document is null ? "not found" : document.SongId is { } song ? $"{document.CreatorId}\n{song}" : document.CreatorId),
                Cell(Tags(document)),
                Cell(Recall(item)),
                Cell(Score(item.Scores.PreRank)),
                Cell(Lines(item.Scores.Objectives)),
                Cell(Score(item.Scores.Final)),
                Cell(item.Reasons.Count == 0 ? None : string.Join("\n", item.Reasons)));
        }
        console.Write(table);
        if (reply.Items.Count == 0)
            console.WriteLine("No item is left for this user.");
        if (reply.Items.Any(i => i.Reasons.Contains(ColdStart)))
            console.WriteLine($"Cold start: nothing is known of {request.UserId} that a channel could use; the page shows what most like.");
        if (reply.Degraded.Count > 0)
        {
            console.MarkupLine("[yellow]Degraded[/]: this page is not what the whole pipeline would give.");
            foreach (var d in reply.Degraded)
                console.WriteLine($"  {d.Stage}: {d.Reason}{(string.IsNullOrEmpty(d.Detail) ? "" : $" ({d.Detail})")}");
        }
        if (reply.Funnel is { } funnel)
            WriteFunnel(console, funnel);
        var experiments = reply.Experiments.Count == 0 ? "" : ", experiments " + string.Join(" ", reply.Experiments.Select(e => $"{e.Key}={e.Value}"));
        console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"request {reply.RequestId}, model {reply.ModelVersion ?? "none"}, scene version {reply.SceneVersion}{experiments}, {reply.TookMs:0.0} ms in "
                + $"the service{(reply.NextPageToken is null ? ", last page" : "")}"));
    }

    private static void WriteFunnel(IAnsiConsole console, Funnel funnel)
    {
        var table = new Table().Border(TableBorder.Rounded).Title("Funnel").AddColumn("stage");
        foreach (var column in (string[])["in", "out", "ms"])
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (var s in funnel.Stages)
            table.AddRow(
                Cell(s.Stage), Cell(s.In.ToString("N0", CultureInfo.InvariantCulture)), Cell(s.Out.ToString("N0", CultureInfo.InvariantCulture)),
                Cell(s.TookMs.ToString("0.00", CultureInfo.InvariantCulture)));
        console.Write(table);
        if (funnel.Dropped.Count > 0)
            console.WriteLine(
                "not eligible: " + string.Join(", ", funnel.Dropped.Select(d => string.Create(CultureInfo.InvariantCulture, $"{d.Value:N0} {d.Key}"))));
    }

    private static Text Cell(string text) => SafeText.Of(text);

    private static string Tags(ItemDocument? document) =>
        document is null || document.Tags.Count == 0 ? None
        : string.Join("\n", document.Tags.Take(TagsShown)) + (document.Tags.Count > TagsShown ? $"\n+{document.Tags.Count - TagsShown}" : "");

    // Channels that did not report a score are still named.
    private static string Recall(RecommendedItem item)
    {
        var scores = item.Scores.Recall ?? new Dictionary<string, double>();
        var lines = item.Channels.Select(c => scores.TryGetValue(c, out var s) ? $"{c} {Score(s)}" : c).ToList();
        return lines.Count == 0 ? None : string.Join("\n", lines);
    }

    private static string Lines(IReadOnlyDictionary<string, double>? scores) =>
        scores is null || scores.Count == 0 ? None : string.Join("\n", scores.Select(s => $"{s.Key} {Score(s.Value)}"));

    private static string Score(double? score) => score is { } s ? s.ToString("0.000", CultureInfo.InvariantCulture) : None;
}
