using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using KgOrleans.CommandLine;
using KgOrleans.Ranking.Keys;
using Spectre.Console;

namespace KgOrleans.Lab.Bench;

/// <summary><c>kg-lab bench store</c>.</summary>
public static class BenchStoreCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("store", "Durable appends a second to a log on the local disk: in bulk beside a plain write and flush of the same bytes, "
            + "and by callers that each wait for their own.");
        var path = new Option<string?>("--path") { Description = "Directory of its own, made and removed; one in the current directory without." };
        var records = new Option<int>("--records") { Description = "Records appended in bulk, 1000..10000000.", DefaultValueFactory = _ => 200_000 };
        var bytes = new Option<int>("--bytes") { Description = "Bytes of a record, 1..1000000.", DefaultValueFactory = _ => 1_200 };
        var batch = new Option<int>("--batch") { Description = "Records of an append in bulk, 1..2048.", DefaultValueFactory = _ => 500 };
        var callers = new Option<int>("--callers") { Description = "Callers of single appends, 1..10000.", DefaultValueFactory = _ => 32 };
        var flush = new Option<double>("--flush-ms")
        {
            Description = "Milliseconds that flushes of single appends take more, 0..1000.",
            DefaultValueFactory = _ => 5,
        };
        var duration = new Option<double>("--duration") { Description = "Seconds of single appends.", DefaultValueFactory = _ => 10 };
        var json = new Option<bool>("--json") { Description = "Write one line of JSON for each measurement." };
        foreach (var option in (Option[])[path, records, bytes, batch, callers, flush, duration, json])
            command.Options.Add(option);
        command.RunOnStores(async (parsed, terminal, cancellation) =>
        {
            var folder = parsed.GetValue(path) ?? Path.GetFullPath("kg-bench-store-" + Guid.NewGuid().ToString("N"));
            if (Directory.Exists(folder) || File.Exists(folder))
                throw new InputException($"--path: {folder} exists");
            var seconds = InRange("--duration", parsed.GetValue(duration), 0.1, 86_400);
            var bench = new StoreBench(folder, (int)InRange("--bytes", parsed.GetValue(bytes), 1, 1_000_000));
            var count = (int)InRange("--records", parsed.GetValue(records), 1_000, 10_000_000);
            var size = (int)InRange("--batch", parsed.GetValue(batch), 1, 2_048);
            var plan = new LoadPlan
            {
                Callers = (int)InRange("--callers", parsed.GetValue(callers), 1, 10_000),
                WarmUp = TimeSpan.FromSeconds(1),
                Duration = TimeSpan.FromSeconds(seconds),
            };
            var delay = TimeSpan.FromMilliseconds(InRange("--flush-ms", parsed.GetValue(flush), 0, 1_000));
            var rows = new List<StoreTiming>();
            try
            {
                var plain = await bench.PlainAsync(count, size, cancellation);
                rows.Add(new StoreTiming("plain-write", size, count / plain.TotalSeconds));
                var (time, written) = await bench.BulkAsync(count, size, cancellation);
                rows.Add(new StoreTiming("log-bulk", size, count / time.TotalSeconds)
                {
                    ShareOfPlain = plain / time,
                    Amplification = written / (double)((long)count * bench.RecordBytes),
                });
                var single = await bench.SingleAsync(plan, delay, cancellation);
                rows.Add(new StoreTiming("log-single", 1, single.PerSecond)
                {
                    Callers = plan.Callers,
                    FlushMs = delay.TotalMilliseconds,
                    P50Ms = single.Percentile(50),
                    P99Ms = single.Percentile(99),
                });
            }
            finally
            {
                if (Directory.Exists(folder))
                    Directory.Delete(folder, recursive: true);
            }
            if (parsed.GetValue(json))
                rows.ForEach(row => terminal.WriteLine(JsonSerializer.Serialize(row, KgJson.Options)));
            else
                Write(terminal.Out, rows);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Write(IAnsiConsole console, List<StoreTiming> rows)
    {
        var table = new Table().Border(TableBorder.Rounded).Title("Durable records").AddColumn("what");
        foreach (var column in (string[])["records an append", "per second", "of plain", "bytes a byte", "callers", "flush ms", "p50 ms", "p99 ms"])
            table.AddColumn(new TableColumn(column).RightAligned());
        foreach (var row in rows)
        {
            table.AddRow(
                row.Name, Number(row.Batch, "0"), Number(row.PerSecond, "N0"), Number(row.ShareOfPlain, "0.00"), Number(row.Amplification, "0.000"),
                Number(row.Callers, "0"), Number(row.FlushMs, "0.#"), Number(row.P50Ms, "0.0"), Number(row.P99Ms, "0.0"));
        }
        console.Write(table);

        static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
    }

    private static double InRange(string option, double value, double least, double most) =>
        value >= least && value <= most ? value : throw new InputException(FormattableString.Invariant($"{option}: must be {least}..{most}"));
}
