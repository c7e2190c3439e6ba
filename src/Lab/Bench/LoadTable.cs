using System.Globalization;
using Spectre.Console;

namespace KgOrleans.Lab.Bench;

/// <summary>Measurements as a table.</summary>
internal static class LoadTable
{
    /// <summary>Writes the results, a row each.</summary>
    public static void Write(IAnsiConsole console, IReadOnlyList<LoadResult> results)
    {
        var table = new Table().Border(TableBorder.Rounded).Title("POST /v1/recommend, milliseconds").AddColumn("loop");
        foreach (var column in (string[])["callers", "requests", "per second", "p50", "p90", "p99", "p99.9",
             "max", "server CPU", "client CPU", "degraded", "errors"])
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (var r in results)
        {
            table.AddRow(
                r.Plan.Rate is { } rate ? string.Create(CultureInfo.InvariantCulture, $"open, {rate:0.#}/s") : "closed",
                Number(r.Plan.Callers, "0"), Number(r.Requests, "N0"), Number(r.PerSecond, "N1"),
                Number(r.Percentile(50), "0.00"), Number(r.Percentile(90), "0.00"), Number(r.Percentile(99), "0.00"),
                Number(r.Percentile(99.9), "0.00"), Number(r.Percentile(100), "0.00"),
                r.Server is { } server ? Number(server.CpuMsPerRequest, "0.00") : "-", Number(r.ClientCpuMsPerRequest, "0.00"),
                Number(r.Degraded, "N0"),
                r.Errors.Count == 0 ? "0" : string.Join(", ", r.Errors.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Value} x {e.Key}")));
        }
        console.Write(table);
        WriteStages(console, results);
    }

    /// <summary>Writes the kernels of one request, their sum, and how many times it each run took.</summary>
    public static void WriteKernels(IAnsiConsole console, IReadOnlyList<KernelTime> kernels, IReadOnlyList<LoadResult> results)
    {
        var table = new Table().Border(TableBorder.Rounded).Title("Kernels of a request alone, milliseconds").AddColumn("kernel");
        foreach (var column in (string[])["items", "ms"])
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (var kernel in kernels)
            table.AddRow(kernel.Name, Number(kernel.Size, "N0"), Number(kernel.Ms, "0.000"));
        var sum = kernels.Sum(k => k.Ms);
        table.AddRow("all", "", Number(sum, "0.000"));
        console.Write(table);
        foreach (var r in results.Where(r => r.Server is not null))
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Name(r)}: {r.Server!.CpuMsPerRequest:0.00} ms of the server's CPU a request, "
                + $"{r.Server.CpuMsPerRequest / sum:0.00} x its kernels alone"));
    }

    private static void WriteStages(IAnsiConsole console, IReadOnlyList<LoadResult> results)
    {
        var stages = results.SelectMany(r => r.Server?.Stages.Keys ?? []).Distinct().ToArray();
        if (stages.Length == 0)
            return;
        var table = new Table().Border(TableBorder.Rounded).Title("Mean time of a stage, milliseconds").AddColumn("loop");
        foreach (var stage in stages)
            table.AddColumn(new TableColumn(stage.EscapeMarkup()).RightAligned());
        foreach (var r in results)
            table.AddRow([Name(r), .. stages.Select(s => r.Server?.Stages.TryGetValue(s, out var ms) == true ? Number(ms, "0.00") : "-")]);
        console.Write(table);
    }

    private static string Name(LoadResult r) => r.Plan.Rate is { } rate
        ? string.Create(CultureInfo.InvariantCulture, $"open, {rate:0.#}/s")
        : string.Create(CultureInfo.InvariantCulture, $"closed, {r.Plan.Callers} callers");

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
