using System.Globalization;
using System.Text.Json;
using KgOrleans.CommandLine;
using KgOrleans.Ranking.Keys;
using Spectre.Console;

namespace KgOrleans.Lab.Evaluate;

/// <summary>Shows an evaluation as a table, or as JSON.</summary>
internal static class EvaluateReport
{
    // Seed of the bootstrap: an interval, too, is the same on every run.
    private const int BootstrapSeed = 1;

    public static void Write(Terminal terminal, EvaluateResult result)
    {
        var table = new Table().Title($"{result.Users} held-out users of {result.WorldId}, bundle {result.Version}");
        table.AddColumns("method", "NDCG@10", "to best baseline, 95 %", "recall@50", "to best baseline, 95 %");
        foreach (var method in result.Methods)
        {
            table.AddRow(
                method.Name, Number(method.Ndcg.Average()), Interval(method, Best(result, m => m.Ndcg), m => m.Ndcg),
                Number(method.Recall.Average()), Interval(method, Best(result, m => m.Recall), m => m.Recall));
        }
        terminal.Out.Write(table);
        terminal.Out.WriteLine($"ranker on held-out impressions, GAUC: {string.Join(", ", result.Gauc.Select(g => $"{g.Key} {Number(g.Value)}"))}");
        terminal.Out.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"ranker: {result.RankerMicroseconds:N1} us a candidate on one core, features included"));
    }

    public static string ToJson(EvaluateResult result) => JsonSerializer.Serialize(
        new
        {
            result.WorldId,
            result.Version,
            result.Users,
            Methods = result.Methods.Select(m => new { m.Name, Ndcg10 = m.Ndcg.Average(), Recall50 = m.Recall.Average() }),
            Differences = result.Methods.Where(m => !m.IsBaseline).Select(m => new
            {
                m.Name,
                Ndcg10 = Difference(m, Best(result, b => b.Ndcg), b => b.Ndcg),
                Recall50 = Difference(m, Best(result, b => b.Recall), b => b.Recall),
            }),
            result.Gauc,
            result.RankerMicroseconds,
        },
        KgJson.Options);

    private static EvaluateMethod Best(EvaluateResult result, Func<EvaluateMethod, double[]> metric) =>
        result.Methods.Where(m => m.IsBaseline).MaxBy(m => metric(m).Average())!;

    private static object Difference(EvaluateMethod method, EvaluateMethod baseline, Func<EvaluateMethod, double[]> metric)
    {
        var (mean, low, high) = EvaluateMetrics.PairedDifference(metric(method), metric(baseline), BootstrapSeed);
        return new { To = baseline.Name, Mean = mean, Low = low, High = high };
    }

    private static string Interval(EvaluateMethod method, EvaluateMethod baseline, Func<EvaluateMethod, double[]> metric)
    {
        if (method.IsBaseline)
            return method == baseline ? "best baseline" : "";
        var (mean, low, high) = EvaluateMetrics.PairedDifference(metric(method), metric(baseline), BootstrapSeed);
        return string.Create(CultureInfo.InvariantCulture, $"{mean:+0.000;-0.000} ({low:+0.000;-0.000} .. {high:+0.000;-0.000})");
    }

    private static string Number(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);
}
