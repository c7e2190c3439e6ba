using System.Globalization;
using System.Text.Json;
using KgOrleans.CommandLine;
using KgOrleans.Ranking.Keys;
using Spectre.Console;

namespace KgOrleans.Lab.Evaluate;

/// <summary>Shows how scenes and baselines fared on a history as a table, or as JSON.</summary>
internal static class HistoryReport
{
    // Seed of the bootstrap: an interval, too, is the same on every run.
    private const int BootstrapSeed = 1;

    /// <summary>Writes the table.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="plan">What was measured.</param>
    /// <param name="runs">Results of each seed, in the same order of methods.</param>
    public static void Write(Terminal terminal, HistoryPlan plan, IReadOnlyList<IReadOnlyList<HistoryResult>> runs)
    {
        var table = new Table().Title(Title(plan));
        table.AddColumns("method", "recall@10, 95 %", "NDCG@10", "recall@50");
        foreach (var method in Means(runs))
        {
            table.AddRow(
                method.Name, string.Create(CultureInfo.InvariantCulture, $"{method.Recall10:0.000} ({method.Low:0.000} .. {method.High:0.000})"),
                method.Ndcg10.ToString("0.000", CultureInfo.InvariantCulture), method.Recall50.ToString("0.000", CultureInfo.InvariantCulture));
        }
        terminal.Out.Write(table);
    }

    /// <summary>The same as JSON.</summary>
    public static string ToJson(HistoryPlan plan, IReadOnlyList<IReadOnlyList<HistoryResult>> runs) =>
        JsonSerializer.Serialize(new { Title = Title(plan), plan.Seeds, plan.AgeDays, Methods = Means(runs) }, KgJson.Options);

    /// <summary>The same as an SVG picture.</summary>
    public static string ToPicture(HistoryPlan plan, IReadOnlyList<IReadOnlyList<HistoryResult>> runs) => HistoryPicture.Draw(Title(plan), [.. Means(runs)]);

    private static string Title(HistoryPlan plan) =>
        $"{Path.GetFileName(plan.Data)}, {plan.Split.ToString().ToLowerInvariant()} {plan.Share:0.##} of the positives set aside, "
        + $"seeds {string.Join(", ", plan.Seeds)}";

    // Means over the users of all seeds. The interval is that of the users: a bootstrap against nothing.
    private static IEnumerable<HistoryMean> Means(IReadOnlyList<IReadOnlyList<HistoryResult>> runs)
    {
        for (var m = 0; m < runs[0].Count; m++)
        {
            var scores = runs.SelectMany(r => r[m].Scores).ToArray();
            var recalls = Array.ConvertAll(scores, s => s.Recall10);
            var (mean, low, high) = EvaluateMetrics.PairedDifference(recalls, new double[recalls.Length], BootstrapSeed);
            yield return new HistoryMean(
                runs[0][m].Name, runs[0][m].IsBaseline, mean, low, high, scores.Average(s => s.Ndcg10), scores.Average(s => s.Recall50));
        }
    }
}
