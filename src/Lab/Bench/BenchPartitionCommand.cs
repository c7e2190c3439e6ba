using System.CommandLine;
using System.Globalization;
using KgOrleans.CommandLine;
using KgOrleans.Kernels.Dot;
using Spectre.Console;

namespace KgOrleans.Lab.Bench;

/// <summary><c>kg-lab bench partition</c>.</summary>
public static class BenchPartitionCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "partition", "Memory, writes and scans of a partition in this process, beside a plain pass over the same vectors measured just before each.");
        var n = new Option<int>("--n") { Description = "Items.", DefaultValueFactory = _ => 2_000_000 };
        var dimension = new Option<int>("--dimension")
        {
            Description = $"Components of an item vector: a multiple of {Int8Rows.DimensionStep}, at most {Int8Rows.LargestDimension}.",
            DefaultValueFactory = _ => 64,
        };
        var head = new Option<int>("--recall-dimension")
        {
            Description = $"Components of an item's vector of the recall head, which the model channel then scores: a multiple of {Int8Rows.DimensionStep}, "
                + $"at most --dimension; 0 without one.",
        };
        var content = new Option<int>("--content") { Description = "Components of a content vector, 0..1024.", DefaultValueFactory = _ => 0 };
        var k = new Option<int>("--k") { Description = "Items that a request asks of the model channel.", DefaultValueFactory = _ => 1000 };
        var only = new Option<string>("--only") { Description = "Measure only rows whose name holds this text.", DefaultValueFactory = _ => "" };
        var json = new Option<bool>("--json") { Description = "Write one line of JSON for each measurement." };
        foreach (var option in (Option[])[n, dimension, head, content, k, only, json])
            command.Options.Add(option);
        command.Run((parsed, terminal, cancellation) =>
        {
            var width = parsed.GetValue(dimension);
            if (width < Int8Rows.DimensionStep || width > Int8Rows.LargestDimension || width % Int8Rows.DimensionStep != 0)
                throw new InputException($"--dimension {width}: a multiple of {Int8Rows.DimensionStep}, at most {Int8Rows.LargestDimension}");
            var recall = Within(parsed.GetValue(head), "--recall-dimension", 0, width);
            if (recall % Int8Rows.DimensionStep != 0)
                throw new InputException($"--recall-dimension {recall}: a multiple of {Int8Rows.DimensionStep}");
            var count = Within(parsed.GetValue(n), "--n", 1000, 50_000_000);
            var plan = new PartitionPlan(
                count, width, Within(parsed.GetValue(content), "--content", 0, 1024), Within(parsed.GetValue(k), "--k", 1, count / 4), parsed.GetValue(only)!)
            {
                Head = recall,
            };
            var timings = new List<PartitionTiming>();
            foreach (var timing in new PartitionBench(plan).Run(cancellation))
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

    private static int Within(int value, string option, int least, int most) =>
        value >= least && value <= most ? value : throw new InputException($"{option} {value}: must be {least}..{most}");

    private static Table Table(List<PartitionTiming> timings)
    {
        var table = new Table().AddColumns(
            "work", "n", "callers", "threads", "ms", "floor ms", "ratio", "items/s", "bytes an item", "recall", "times one", "a pass serves", "selected");
        foreach (var t in timings)
        {
            table.AddRow(
                [t.Name, .. ((IFormattable?[])[t.N, t.Queries, t.Threads, t.MsPerQuery, t.FloorMs, t.RatioToFloor,
                    t.ItemsPerS, t.BytesPerItem, t.Recall, t.Speedup, t.Batch, t.Selected])
                    .Select(value => value?.ToString(null, CultureInfo.InvariantCulture) ?? "")]);
        }
        return table;
    }
}
