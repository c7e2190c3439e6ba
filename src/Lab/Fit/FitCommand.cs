using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using KgOrleans.CommandLine;
using KgOrleans.DemoWorld;
using KgOrleans.Inference.Bundles;
using KgOrleans.Inference.Factors;
using KgOrleans.Lab.Replay;
using KgOrleans.Ranking.Factors;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Lab.Fit;

/// <summary><c>kg-lab fit</c>: a model from a history in one command, without Python.</summary>
public static class FitCommand
{
    private const int MostEpochs = 200;
    private const int MostThreads = 1_024;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "fit",
            "Fits who likes what (implicit ALS) and writes a bundle of item factors, which users are folded into as they like. Chooses its settings on likes "
            + "that it holds out. From impressions it fits a linear fine ranker too, and leaves it out when it orders the newest of them no better.");
        var data = new Option<DirectoryInfo?>("--data") { Description = "Folder that kg export wrote, or data directory of a server that is not running." };
        var demo = new Option<bool>("--demo-world") { Description = "Generate the demo world in memory instead of reading a store." };
        var events = new Option<FileInfo?>("--events") { Description = "NDJSON of events." };
        var items = new Option<FileInfo?>(
            "--items")
        { Description = "NDJSON of item documents, beside --events: tags, creators and songs then give new items a vector." };
        var users = new Option<FileInfo?>("--users") { Description = "NDJSON of user documents, beside --events: the fine ranker learns from profiles too." };
        var world = new Option<string?>("--world") { Description = "World to fit for; needed when the history has items of several." };
        var dimension = new Option<int?>("--dimension") { Description = "Components of a vector, 1..512. Searched when absent." };
        var weight = new Option<double?>("--unseen-weight") { Description = "Weight of pairs that nobody made (alpha 0). Searched when absent." };
        var regularisation = new Option<double?>("--regularisation") { Description = "Strength of the regularisation (lambda). Searched when absent." };
        var epochs = new Option<int>("--epochs") { Description = "Passes of the last fit.", DefaultValueFactory = _ => new FactorSettings().Epochs };
        var seed = new Option<int>("--seed") { Description = "Seed of the splits, the first vectors and the demo world.", DefaultValueFactory = _ => 1 };
        var threads = new Option<int>(
            "--threads")
        { Description = "Threads; the result does not depend on them.", DefaultValueFactory = _ => Environment.ProcessorCount };
        var version = new Option<string?>("--version-id") { Description = "Name of the bundle's version; made from the time when absent." };
        var output = new Option<DirectoryInfo>("--out") { Description = "Folder of the bundle. One that holds a bundle of factors is replaced.", Required = true };
        foreach (var option in (Option[])[data, demo, events, items, users, world, dimension, weight, regularisation, epochs, seed, threads, version, output])
            command.Options.Add(option);
        command.Validators.Add(parsed =>
        {
            if ((parsed.GetValue(data) is null ? 0 : 1) + (parsed.GetValue(demo) ? 1 : 0) + (parsed.GetValue(events) is null ? 0 : 1) != 1)
                parsed.AddError("give one of --data, --demo-world and --events");
            if (parsed.GetValue(items) is not null && parsed.GetValue(events) is null)
                parsed.AddError("--items: belongs to --events");
            if (parsed.GetValue(users) is not null && parsed.GetValue(items) is null)
                parsed.AddError("--users: belongs to --events with --items");
            if (parsed.GetValue(dimension) is < 1 or > FactorSettings.MostDimension)
                parsed.AddError($"--dimension: must be 1..{FactorSettings.MostDimension}");
            foreach (var option in (Option<double?>[])[weight, regularisation])
            {
                if (parsed.GetValue(option) is { } value && !(value is > 0 and < double.PositiveInfinity))
                    parsed.AddError($"{option.Name}: must be above 0");
            }
            foreach (var option in (Option<string?>[])[world, version])
            {
                if (parsed.GetValue(option) is { } id && !Limits.IsId(id))
                    parsed.AddError($"{option.Name}: must be 1..{Limits.IdLength} characters of A-Z a-z 0-9 _ . : -");
            }
        });
        command.RunOnStores(async (parsed, terminal, cancellation) =>
        {
            if (parsed.GetValue(epochs) is < 1 or > MostEpochs)
                throw new InputException($"--epochs: must be 1..{MostEpochs}");
            if (parsed.GetValue(threads) is < 1 or > MostThreads)
                throw new InputException($"--threads: must be 1..{MostThreads}");
            var watch = Stopwatch.StartNew();
            var folder = parsed.GetRequiredValue(output).FullName;
            // Refused before minutes of work, not after.
            FactorBundle.RequireReplaceable(folder);
            var history = parsed.GetValue(data) is { } export && ReplayFiles.IsExport(export.FullName) ? ReplayFiles.ReadExport(export.FullName)
                : parsed.GetValue(data) is { } directory ? await ReplayStore.ReadAsync(directory.FullName, parsed.GetValue(world), cancellation)
                : parsed.GetValue(events) is { } file ? ReplayFiles.Read(parsed.GetValue(users), parsed.GetValue(items), file)
                : ReplayDemoWorld.Of(DemoWorldGenerator.Generate(new DemoWorldOptions { Seed = parsed.GetValue(seed) }, TimeProvider.System.GetUtcNow()));
            var likes = FitHistory.Read(history, parsed.GetValue(world) ?? (history.WorldId.Length > 0 ? history.WorldId : null));
            var given = new FitFixed(
                parsed.GetValue(dimension), parsed.GetValue(weight), parsed.GetValue(regularisation), parsed.GetValue(epochs), parsed.GetValue(seed));
            var fit = FitResult.Make(history, likes, given, parsed.GetValue(threads), terminal, cancellation);
            FitReport.WriteSearch(terminal.Out, fit.Run, fit.Chosen);
            FitReport.WriteRanker(terminal.Out, fit.Ranking);
            var description = fit.Ranking.AddTo(Describe(likes, fit.Run, fit.Chosen, history.Source, parsed.GetValue(version)));
            Write(folder, fit.Space, description, fit.Ranking.Ranker?.Graph);
            FitReport.WriteBundle(terminal.Out, folder, likes, fit.Space, description.Version, watch.Elapsed);
            return ExitCode.Ok;
        });
        return command;
    }

    private static BundleManifest Describe(FitData likes, FitRun run, FitChoice chosen, string source, string? version)
    {
        var metrics = new Dictionary<string, double>();
        if (run.Popularity is { } popularity)
        {
            metrics.Add("innerNdcg10", chosen.Score.Ndcg);
            metrics.Add("innerRecall10", chosen.Score.Recall);
            metrics.Add("innerPopularityNdcg10", popularity.Ndcg);
        }
        var training = new Dictionary<string, JsonElement>
        {
            ["source"] = JsonSerializer.SerializeToElement(source),
            ["users"] = JsonSerializer.SerializeToElement(likes.Users.Length),
            ["likes"] = JsonSerializer.SerializeToElement(likes.Positives),
            ["contentStrength"] = JsonSerializer.SerializeToElement(chosen.ContentStrength),
        };
        return new BundleManifest
        {
            Version = version ?? $"fit-{likes.Positives}-{TimeProvider.System.GetUtcNow().UtcDateTime:yyyyMMddHHmmss}",
            WorldId = likes.World,
            Metrics = metrics,
            TrainingData = training,
        };
    }

    private static void Write(string folder, FactorSpace space, BundleManifest description, byte[]? ranker)
    {
        try
        {
            FactorBundle.Write(folder, space, description, ranker);
        }
        catch (BundleException e)
        {
            throw new InputException(e.Message);
        }
    }
}
