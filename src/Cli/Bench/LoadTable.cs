using System.Globalization;
using Spectre.Console;

namespace KgOrleans.Cli.Bench;

/// <summary>Measurements as a table.</summary>
internal static class LoadTable
{
    /// <summary>Writes the results, a row each.</summary>
    public static void Write(IAnsiConsole console, IReadOnlyList<LoadResult> results)
    {
        var table = new Table().Border(TableBorder.Rounded).Title("POST /v1/recommend, milliseconds").AddColumn("loop");
        foreach (var column in (string[])["callers", "requests", "per second", "p50", "p90", "p99", "max", "degraded", "errors"])
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (var r in results)
        {
            table.AddRow(
                r.Plan.Rate is { } rate ? string.Create(CultureInfo.InvariantCulture, $"open, {rate:0.#}/s") : "closed",
                Number(r.Plan.Callers, "0"), Number(r.Requests, "N0"), Number(r.PerSecond, "N1"),
                Number(r.Percentile(50), "0.00"), Number(r.Percentile(90), "0.00"), Number(r.Percentile(99), "0.00"), Number(r.Percentile(100), "0.00"),
                Number(r.Degraded, "N0"),
                r.Errors.Count == 0 ? "0" : string.Join(", ", r.Errors.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Value} x {e.Key}")));
        }
        console.Write(table);
    }

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
