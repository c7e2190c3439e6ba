using System.CommandLine;
using System.Globalization;
using KgOrleans.CommandLine;
using KgOrleans.DemoWorld;
using KgOrleans.Lab.Evaluate;
using KgOrleans.Lab.Replay;
using Spectre.Console;

namespace KgOrleans.Lab.Bench;

/// <summary><c>kg-lab bench ranker</c>.</summary>
public static class BenchRankerCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("ranker", "Times of fine ranking and re-ranking in this process, on one core: items and users of the demo world.");
        var bundle = new Option<DirectoryInfo>("--bundle") { Description = "Bundle whose ranker is measured.", Required = true };
        var candidates = new Option<int>("--candidates") { Description = "Items of a request.", DefaultValueFactory = _ => 1000 };
        var repeat = new Option<int>(
            "--repeat")
        { Description = "Timed runs of each, after half a second to warm up; the median is shown.", DefaultValueFactory = _ => 31 };
        var json = new Option<bool>("--json") { Description = "Write one line of JSON for each measurement." };
        foreach (var option in (Option[])[bundle, candidates, repeat, json])
            command.Options.Add(option);
        command.Run((parsed, terminal, cancellation) =>
        {
            var count = parsed.GetValue(candidates) is >= 1 and <= 20_000 and var works ? works : throw new InputException("--candidates: must be 1..20000");
            var runs = parsed.GetValue(repeat) is >= 1 and <= 10_000 and var times ? times : throw new InputException("--repeat: must be 1..10000");
            var time = ReplayCommand.TimeOf(null);
            using var model = EvaluateCommand.Load(parsed.GetRequiredValue(bundle));
            var world = DemoWorldGenerator.Generate(new DemoWorldOptions(), time);
            if (model.WorldId != world.WorldId)
                throw new InputException($"the bundle was trained for {model.WorldId}, not for {world.WorldId}");
            var rows = new RankerBench(world, model, time, count, runs).Run(cancellation).ToList();
            if (parsed.GetValue(json))
            {
                foreach (var row in rows)
                    terminal.WriteLine(row.ToJson());
            }
            else
            {
                var table = new Table().AddColumns("work", "candidates", "us", "us a candidate");
                foreach (var row in rows)
                    table.AddRow(row.Name, Text(row.Candidates), Text(row.Us), Text(row.UsACandidate));
                terminal.Out.Write(table);
            }
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);
}
