using System.Globalization;
using System.Text.Json;
using KgOrleans.Client;
using KgOrleans.CommandLine;
using Spectre.Console;

namespace KgOrleans.Cli.Explain;

/// <summary>A remembered request as tables: its funnel, what was dropped and why, its channels, and a row an item.</summary>
internal static class RequestTables
{
    private const string None = "-";

    /// <summary>Writes a request.</summary>
    public static void Write(IAnsiConsole console, RequestReply request, bool features)
    {
        var answer = request.Answer;
        WriteQuestion(console, request);
        if (answer.Funnel is { } funnel)
        {
            WriteStages(console, funnel);
            WriteCounts(console, "Not eligible", "reason", funnel.Dropped.Where(d => d.Value > 0));
            WriteCounts(console, "Channels, after merging over the shards", "channel", funnel.Channels.Select(c => KeyValuePair.Create(c.Key, (long)c.Value)));
            WriteCounts(console, "Rules that gave way", "rule", funnel.RelaxedRules.Select(r => KeyValuePair.Create(r.Key, (long)r.Value)));
            WriteMore(console, funnel.More);
        }
        WriteWorks(console, answer);
        if (answer.Degraded.Count > 0)
        {
            console.MarkupLine("[yellow]Degraded[/]: this page is not what the whole pipeline would give.");
            foreach (var d in answer.Degraded)
                console.Write(SafeText.Of($"  {d.Stage}: {d.Reason}{(string.IsNullOrEmpty(d.Detail) ? "" : $" ({d.Detail})")}\n"));
        }
        if (features)
            WriteFeatures(console, answer);
    }

    private static void WriteQuestion(IAnsiConsole console, RequestReply request)
    {
        var (answer, kind) = (request.Answer, request.DryRun ? "dry run" : "request");
        console.Write(SafeText.Of(string.Create(CultureInfo.InvariantCulture,
            $"{kind} {request.RequestId} of {request.At:u}: {request.PageSize} items for {request.UserId} in "
                + $"{request.Scene}{(request.Continued ? ", a further page" : "")}\n")));
        console.Write(SafeText.Of(string.Create(CultureInfo.InvariantCulture,
            $"model {answer.ModelVersion ?? "none"}, scene version {answer.SceneVersion}, user state {answer.Funnel?.UserStateVersion}, {answer.TookMs:0.0} "
                + $"ms in the service\n")));
        if (request.Filter is { } filter)
            console.Write(SafeText.Of($"filter {filter}\n"));
        if (request.Context is { } context)
            console.Write(SafeText.Of($"context {context}\n"));
        foreach (var (name, value) in request.Labels)
            console.Write(SafeText.Of($"label {name}: {value}\n"));
        if (request.Excluded > 0)
            console.Write(SafeText.Of(string.Create(CultureInfo.InvariantCulture, $"{request.Excluded} items excluded by the caller\n")));
        foreach (var (experiment, variant) in answer.Experiments)
            console.Write(SafeText.Of($"experiment {experiment}: {variant}\n"));
    }

    private static void WriteStages(IAnsiConsole console, Funnel funnel)
    {
        var table = new Table().Border(TableBorder.Rounded).Title("Funnel").AddColumn("stage");
        foreach (var column in (string[])["in", "out", "ms"])
            table.AddColumn(new TableColumn(column).RightAligned());
        table.AddColumn("dropped");
        foreach (var s in funnel.Stages)
        {
            var dropped = s.Dropped is { Count: > 0 } reasons
                ? string.Join(", ", reasons.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Value:N0} {r.Key}")))
                : "";
            table.AddRow(
                SafeText.Of(s.Stage), Number(s.In), Number(s.Out), SafeText.Of(s.TookMs.ToString("0.00", CultureInfo.InvariantCulture)), SafeText.Of(dropped));
        }
        console.Write(table);
    }

    private static void WriteCounts(IAnsiConsole console, string title, string name, IEnumerable<KeyValuePair<string, long>> counts)
    {
        var table = new Table().Border(TableBorder.Rounded).Title(title).AddColumn(name).AddColumn(new TableColumn("items").RightAligned());
        foreach (var (key, count) in counts)
            table.AddRow(SafeText.Of(key), Number(count));
        if (table.Rows.Count > 0)
            console.Write(table);
    }

    private static void WriteWorks(IAnsiConsole console, RecommendReply answer)
    {
        var table = new Table().Border(TableBorder.Rounded).Title("Page");
        table.AddColumn(new TableColumn("#").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("item").NoWrap());
        table.AddColumn(new TableColumn("recall").NoWrap());
        table.AddColumn(new TableColumn("pre-rank").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("objectives").NoWrap());
        table.AddColumn(new TableColumn("fused").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("relevance").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("diversity").RightAligned().NoWrap());
        table.AddColumn(new TableColumn("reasons"));
        foreach (var item in answer.Items)
        {
            var scores = item.Scores;
            var reasons = item.Reasons.Concat(More(item.More)).Concat(More(scores.More)).ToArray();
            table.AddRow(
                Number(item.Position + 1),
                SafeText.Of(item.ItemId),
                SafeText.Of(Lines(item.Channels.Select(c => scores.Recall?.TryGetValue(c, out var s) == true ? $"{c} {Score(s)}" : c))),
                SafeText.Of(Score(scores.PreRank)),
                SafeText.Of(Lines((scores.Objectives ?? new Dictionary<string, double>()).Select(o => $"{o.Key} {Score(o.Value)}"))),
                SafeText.Of(Score(scores.FineRank)),
                SafeText.Of(Score(scores.Final)),
                SafeText.Of(Score(scores.DiversityGain)),
                SafeText.Of(Lines(reasons)));
        }
        console.Write(table);
    }

    private static void WriteFeatures(IAnsiConsole console, RecommendReply answer)
    {
        if (answer.Items.All(i => i.Features is null))
        {
            console.WriteLine("What the ranker was fed is not known: the request did not ask to be explained, or no ranker ran.");
            return;
        }
        var request = answer.Funnel?.Features ?? new Dictionary<string, IReadOnlyList<double>>();
        WriteValues(console, "Features of user and request", request);
        foreach (var item in answer.Items.Where(i => i.Features is not null))
            WriteValues(console, $"Features of {item.ItemId}", item.Features!);
    }

    private static void WriteValues(IAnsiConsole console, string title, IReadOnlyDictionary<string, IReadOnlyList<double>> features)
    {
        var table = new Table().Border(TableBorder.Rounded).Title(title.EscapeMarkup()).AddColumn("feature").AddColumn("value");
        foreach (var (name, values) in features)
            table.AddRow(SafeText.Of(name), SafeText.Of(string.Join(' ', values.Select(v => v.ToString("0.###", CultureInfo.InvariantCulture)))));
        console.Write(table);
    }

    private static void WriteMore(IAnsiConsole console, Dictionary<string, JsonElement>? more)
    {
        foreach (var line in More(more))
            console.Write(SafeText.Of(line + "\n"));
    }

    // Members that a newer service adds are shown as they come rather than lost.
    private static IEnumerable<string> More(Dictionary<string, JsonElement>? more) =>
        (more ?? []).Where(m => m.Value.ValueKind is not JsonValueKind.Null && m.Value.ToString() is not ("[]" or "{}")).Select(m => $"{m.Key} {m.Value}");

    private static string Lines(IEnumerable<string> lines) => string.Join("\n", lines) is { Length: > 0 } text ? text : None;

    private static Text Number(long value) => SafeText.Of(value.ToString("N0", CultureInfo.InvariantCulture));

    private static string Score(double? score) => score is { } s ? s.ToString("0.000", CultureInfo.InvariantCulture) : None;
}
