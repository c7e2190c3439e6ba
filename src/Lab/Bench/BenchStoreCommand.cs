using System.CommandLine;
using System.Text.Json;
using KgOrleans.CommandLine;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Lab.Bench;

/// <summary><c>kg-lab bench store</c>.</summary>
public static class BenchStoreCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("store", "Durable appends a second to a log on the local disk: in bulk beside a plain write and flush of the same bytes, "
            + "and by callers that each wait for their own. One line of JSON each.");
        var path = new Option<string>("--path") { Description = "Directory of its own, made and removed.", Required = true };
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
        foreach (var option in (Option[])[path, records, bytes, batch, callers, flush, duration])
            command.Options.Add(option);
        command.RunOnStores(async (parsed, terminal, cancellation) =>
        {
            var folder = parsed.GetValue(path)!;
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
            try
            {
                var floor = await bench.PlainAsync(count, size, cancellation);
                Write(new { name = "plain-write", records = count, batch = size, seconds = floor.TotalSeconds, perSecond = count / floor.TotalSeconds });
                var (time, written) = await bench.BulkAsync(count, size, cancellation);
                Write(new
                {
                    name = "log-bulk",
                    records = count,
                    batch = size,
                    seconds = time.TotalSeconds,
                    perSecond = count / time.TotalSeconds,
                    shareOfPlain = floor / time,
                    amplification = written / (double)((long)count * bench.RecordBytes),
                });
                var single = await bench.SingleAsync(plan, delay, cancellation);
                Write(new
                {
                    name = "log-single",
                    callers = plan.Callers,
                    flushMs = delay.TotalMilliseconds,
                    perSecond = single.PerSecond,
                    p50Ms = single.Percentile(50),
                    p99Ms = single.Percentile(99),
                    maxMs = single.Percentile(100),
                });
            }
            finally
            {
                if (Directory.Exists(folder))
                    Directory.Delete(folder, recursive: true);
            }
            return ExitCode.Ok;

            void Write(object line) => terminal.WriteLine(JsonSerializer.Serialize(line, KgJson.Options));
        });
        return command;
    }

    private static double InRange(string option, double value, double least, double most) =>
        value >= least && value <= most ? value : throw new InputException(FormattableString.Invariant($"{option}: must be {least}..{most}"));
}
