using System.Globalization;
using System.Text;
using System.Text.Json;
using KgOrleans.Ranking.Keys;
using Spectre.Console;

namespace KgOrleans.Lab.Frontier;

/// <summary>Shows a frontier as a table, as Markdown or as JSON.</summary>
internal static class FrontierReport
{
    private static readonly string[] Columns =
    [
        "policy", "strength", "NDCG@10", "to none, 95 %", "alike", "creators a page", "items >= 5", "creators >= 5", "Gini", "age",
    ];

    /// <summary>A table on a terminal.</summary>
    public static void Write(IAnsiConsole console, FrontierData data, IReadOnlyList<FrontierPoint> points)
    {
        var table = new Table().Border(TableBorder.Rounded).Title(Title(data).EscapeMarkup());
        foreach (var column in Columns)
            table.AddColumn(column);
        foreach (var point in points)
            table.AddRow([.. Cells(point, intervals: false).Select(c => new Text(c))]);
        console.Write(table);
    }

    /// <summary>The same as Markdown.</summary>
    public static string ToMarkdown(FrontierData data, IReadOnlyList<FrontierPoint> points)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Title(data)}.\n\n| {string.Join(" | ", Columns)} |\n|{string.Concat(Columns.Select(_ => "---|"))}\n");
        foreach (var point in points)
            text.Append(CultureInfo.InvariantCulture, $"| {string.Join(" | ", Cells(point, intervals: true))} |\n");
        return text.ToString();
    }

    /// <summary>A line of JSON for each point, intervals of every measure included.</summary>
    public static IEnumerable<string> ToJson(FrontierData data, IReadOnlyList<FrontierPoint> points) =>
        points.Select(p => JsonSerializer.Serialize(new { data = data.Name, users = data.Users.Count, point = p }, KgJson.Options));

    private static string Title(FrontierData data) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{data.Name}: {data.Users.Count:N0} users, {data.Items.Count:N0} items, {data.CreatorCount:N0} creators; gain: {data.Truth}");

    // A terminal has no room for the intervals of more than one measure; the others have it.
    private static string[] Cells(FrontierPoint p, bool intervals)
    {
        var none = p.Policy == FrontierPolicy.None;
        return
        [
            p.Policy, p.Strength, Number(p.Ndcg.Value, "0.0000"), none ? "" : Interval(p.Ndcg, "+0.0000;-0.0000;0"),
            Number(p.Similarity.Value, "0.000"), Number(p.PageCreators.Value, "0.00"),
            Count(p.Items, intervals && !none), Count(p.Creators, intervals && !none), Number(p.Gini.Value, "0.000"), p.MedianAge is { } age
                ? Number(age.Value, "0")
                : "-",
        ];
    }

    private static string Count(FrontierMeasure measure, bool interval) =>
        Number(measure.Value, "N0") + (interval ? $" ({Number(measure.Low, "+#,0;-#,0;0")} .. {Number(measure.High, "+#,0;-#,0;0")})" : "");

    private static string Interval(FrontierMeasure measure, string format) =>
        $"{Number(measure.Difference, format)} ({Number(measure.Low, format)} .. {Number(measure.High, format)})";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
