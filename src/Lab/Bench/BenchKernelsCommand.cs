using System.CommandLine;
using System.Globalization;
using KgOrleans.CommandLine;
using KgOrleans.Kernels.Dot;
using Spectre.Console;

namespace KgOrleans.Lab.Bench;

/// <summary><c>kg-lab bench kernels</c>.</summary>
public static class BenchKernelsCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "kernels", "Times of the scoring kernels in this process, beside a plain pass over the same bytes measured just before each.");
        var rows = new Option<int>(
            "--rows")
        { Description = "Rows that a scan reads; a gather picks from twice as many.", DefaultValueFactory = _ => 2_000_000 };
        var dimension = new Option<int>("--dimension")
        {
            Description = $"Components of a row: a multiple of {Int8Rows.DimensionStep}, at most {Int8Rows.LargestDimension}.",
            DefaultValueFactory = _ => 64,
        };
        var k = new Option<int>("--k") { Description = "How many a scan keeps.", DefaultValueFactory = _ => 1000 };
        var repeat = new Option<int>(
            "--repeat")
        { Description = "Timed runs of each, after half a second to warm up; the median is shown.", DefaultValueFactory = _ => 7 };
        var only = new Option<string>("--only") { Description = "Measure only rows whose name holds this text.", DefaultValueFactory = _ => "" };
        var json = new Option<bool>("--json") { Description = "Write one line of JSON for each measurement." };
        foreach (var option in (Option[])[rows, dimension, k, repeat, only, json])
            command.Options.Add(option);
        command.Run((parsed, terminal, cancellation) =>
        {
            var width = parsed.GetValue(dimension);
            if (width < Int8Rows.DimensionStep || width > Int8Rows.LargestDimension || width % Int8Rows.DimensionStep != 0)
                throw new InputException($"--dimension {width}: a multiple of {Int8Rows.DimensionStep}, at most {Int8Rows.LargestDimension}");
            var count = Positive(parsed.GetValue(rows), "--rows", 50_000_000);
            var best = Positive(parsed.GetValue(k), "--k", count / 4);
            var bench = new KernelBench(count, width, best, Positive(parsed.GetValue(repeat), "--repeat", 1000), parsed.GetValue(only)!);
            var timings = new List<KernelTiming>();
            foreach (var timing in bench.Run(cancellation))
            {
                timings.Add(timing);
                if (parsed.GetValue(json))
                    terminal.WriteLine(timing.ToJson());
            }
            if (!parsed.GetValue(json))
                terminal.Out.Write(Table(timings));
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static int Positive(int value, string option, int most) =>
        value >= 1 && value <= most ? value : throw new InputException($"{option} {value}: must be 1..{most}");

    private static Table Table(List<KernelTiming> timings)
    {
        var table = new Table().AddColumns("work", "n", "d", "k", "users", "threads", "ms a user", "floor ms", "ratio", "GB/s", "recall");
        foreach (var t in timings)
        {
            table.AddRow(
                [t.Name, .. ((IFormattable?[])[t.N, t.D, t.K, t.Queries, t.Threads, t.MsPerQuery, t.FloorMs, t.RatioToFloor, t.GbPerS, t.Recall])
                    .Select(value => value?.ToString(null, CultureInfo.InvariantCulture) ?? "")]);
        }
        return table;
    }
}
