using System.CommandLine;
using KgOrleans.CommandLine;
using KgOrleans.DemoWorld;
using KgOrleans.Inference.Bundles;
using KgOrleans.Lab.Replay;

namespace KgOrleans.Lab.Evaluate;

/// <summary>
/// <c>kg-lab evaluate</c>: a bundle against baselines and the demo world's truth, or the pages of a service against baselines on a history.
/// </summary>
public static class EvaluateCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "evaluate",
            "With --data: sends a history to a service of its own, without the positives that are set aside, asks for pages, and measures how many of those "
            + "positives they hold, beside baselines. With --bundle: ranks the demo world's items for users that no model was trained on, with the bundle and "
            + "with baselines, and measures the lists against the world's truth.");
        var bundle = new Option<DirectoryInfo?>("--bundle") { Description = "Bundle to evaluate on the demo world." };
        var seed = new Option<int>("--seed") { Description = "Seed of the demo world.", DefaultValueFactory = _ => 1 };
        var now = new Option<string?>("--now") { Description = "Day that the world is made for, ISO 8601; results do not depend on it." };
        var json = new Option<bool>("--json") { Description = "Write JSON." };
        foreach (var option in (Option[])[bundle, seed, now, json])
            command.Options.Add(option);
        var history = new HistoryOptions().AddTo(command);
        command.Run(async (parsed, terminal, cancellation) =>
        {
            if (history.PlanOf(parsed) is { } plan)
                return await history.RunAsync(plan, parsed, terminal, parsed.GetValue(json), cancellation);
            if (parsed.GetValue(bundle) is not { } folder)
                throw new InputException("give --data, a history to measure on, or --bundle, a bundle to measure on the demo world");
            var time = ReplayCommand.TimeOf(parsed.GetValue(now));
            using var loaded = Load(folder);
            var world = DemoWorldGenerator.Generate(new DemoWorldOptions { Seed = parsed.GetValue(seed) }, time);
            if (loaded.WorldId != world.WorldId)
                throw new InputException($"the bundle was trained for {loaded.WorldId}, not for {world.WorldId}");
            var result = new EvaluateWorld(world, loaded, time).Run(cancellation);
            if (parsed.GetValue(json))
                terminal.WriteLine(EvaluateReport.ToJson(result));
            else
                EvaluateReport.Write(terminal, result);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>Loads a bundle that an option names, and refuses one without a fine ranker.</summary>
    internal static ModelBundle Load(DirectoryInfo directory)
    {
        try
        {
            var bundle = ModelBundle.Load(directory.FullName);
            if (bundle.Ranker is not null)
                return bundle;
            bundle.Dispose();
            throw new InputException($"bundle {bundle.Version} has no fine ranker, which this command measures");
        }
        catch (BundleException e)
        {
            throw new InputException(e.Message);
        }
    }
}
