using System.CommandLine;
using System.Globalization;
using KgOrleans.CommandLine;
using KgOrleans.DemoWorld;
using KgOrleans.Inference.Bundles;
using KgOrleans.Inference.Features;
using KgOrleans.Inference.RankLogs;
using Spectre.Console;

namespace KgOrleans.Lab.Replay;

/// <summary><c>kg-lab replay</c>: history to features to tensors to a log that training reads.</summary>
public static class ReplayCommand
{
    private const int MaxShadows = 100;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "replay",
            "Replays a history in time order and writes, for every request, the features that the server would have computed, and what the user then did.");
        var data = new Option<DirectoryInfo?>("--data") { Description = "Data directory of a server that is not running." };
        var demo = new Option<bool>("--demo-world") { Description = "Generate the demo world in memory instead of reading a store." };
        var seed = new Option<int>("--seed") { Description = "Seed of the demo world.", DefaultValueFactory = _ => 1 };
        var now = new Option<string?>(
            "--now")
        { Description = "Time that the demo world is made for, ISO 8601: it ends at the midnight before. The same day gives the same log." };
        var world = new Option<string?>("--world") { Description = "Catalogue id that the log carries; the data's own without it." };
        var schema = new Option<FileInfo?>("--schema") { Description = "Feature schema, as in training/schema.json." };
        var bundle = new Option<DirectoryInfo?>("--bundle") { Description = "Take the feature schema of a bundle." };
        var shadows = new Option<int>("--shadows")
        {
            Description = "Items per request that were not shown, logged without labels for the towers to learn from the ranker.",
            DefaultValueFactory = _ => 5,
        };
        var output = new Option<FileInfo>("--out") { Description = "Log to write.", Required = true };
        foreach (var option in (Option[])[data, demo, seed, now, world, schema, bundle, shadows, output])
            command.Options.Add(option);
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(demo) == (parsed.GetValue(data) is not null))
                parsed.AddError("give either --data or --demo-world");
            if ((parsed.GetValue(schema) is null) == (parsed.GetValue(bundle) is null))
                parsed.AddError("give either --schema or --bundle");
            if (parsed.GetValue(shadows) is < 0 or > MaxShadows)
                parsed.AddError($"--shadows: must be 0..{MaxShadows}");
        });
        command.RunOnStores(async (parsed, terminal, cancellation) =>
        {
            var (objectives, plan) = PlanOf(parsed.GetValue(schema), parsed.GetValue(bundle));
            var history = parsed.GetValue(data) is { } directory
                ? await ReplayStore.ReadAsync(directory.FullName, parsed.GetValue(world), cancellation)
                : ReplayDemoWorld.Of(DemoWorldGenerator.Generate(new DemoWorldOptions { Seed = parsed.GetValue(seed) }, TimeOf(parsed.GetValue(now))));
            Write(history, objectives, plan, parsed.GetValue(shadows), parsed.GetRequiredValue(output).FullName, terminal, cancellation);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>The time of an option; the present when it is absent.</summary>
    internal static DateTimeOffset TimeOf(string? text)
    {
        if (text is null)
            return TimeProvider.System.GetUtcNow();
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : throw new InputException($"--now: {text} is not an ISO 8601 time");
    }

    private static (IReadOnlyList<string> Objectives, FeaturePlan Plan) PlanOf(FileInfo? schema, DirectoryInfo? bundle)
    {
        try
        {
            if (schema is not null)
            {
                var file = ReplaySchema.Read(schema.FullName);
                return (file.Objectives, FeaturePlan.Create(file.Schema));
            }
            using var loaded = ModelBundle.Load(bundle!.FullName);
            if (loaded.Manifest.Kind == BundleKind.Factors)
                throw new InputException($"bundle {loaded.Version} is one of factors: kg-lab fit replays the history for its ranker by itself");
            return (loaded.Objectives, FeaturePlan.Create(loaded.Manifest.Schema));
        }
        catch (BundleException e)
        {
            throw new InputException(e.Message);
        }
    }

    private static void Write(
        ReplayHistory history, IReadOnlyList<string> objectives, FeaturePlan plan, int shadows, string path, Terminal terminal, CancellationToken cancellation)
    {
        // A log that replay did not finish must not look like one: it gets its name at the end.
        var part = path + ".part";
        ReplayLog log;
        ReplayEngine engine;
        var file = new FileStream(part, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        using (var writer = new RankLogWriter(file, RankLogHeader.Create(history.WorldId, history.Source, objectives, plan)))
        {
            log = new ReplayLog(writer, plan);
            engine = new ReplayEngine(history, ObjectivesOf(objectives), plan.Schema.ContentDimension, shadows);
            engine.Run(request =>
            {
                cancellation.ThrowIfCancellationRequested();
                log.Write(request);
            });
        }
        if (log.Requests == 0)
        {
            File.Delete(part);
            throw new InputException(
                $"nothing was written: none of the {history.Events.Count:N0} events is an impression of an item that exists, and training learns from what was "
                + "shown and not taken. Send impressions with the requestId of their page, and replay when there are some thousand pages. Until then "
                + "kg-lab fit learns from likes and plays alone");
        }
        File.Move(part, path, overwrite: true);
        terminal.Out.WriteLine(
            $"{history.Events.Count:N0} events of {history.Items.Count:N0} items ({engine.UnknownItems:N0} events of unknown items left out)");
        terminal.Out.WriteLine(
            $"{log.Requests:N0} requests ({log.HeldOutRequests:N0} of held-out users), {log.Rows:N0} rows, {new FileInfo(path).Length / 1e6:N1} MB");
        for (var k = 0; k < objectives.Count; k++)
            terminal.Out.WriteLine($"{objectives[k]}: {log.Positives[k]:N0} positive ({(double)log.Positives[k] / Math.Max(1, log.Rows):P1})");
    }

    private static ReplayObjectives ObjectivesOf(IReadOnlyList<string> names)
    {
        try
        {
            return new ReplayObjectives(names);
        }
        catch (ArgumentException e)
        {
            throw new InputException(e.Message);
        }
    }
}
