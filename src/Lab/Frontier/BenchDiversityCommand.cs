using System.CommandLine;
using KgOrleans.CommandLine;
using KgOrleans.DemoWorld;
using KgOrleans.Lab.Evaluate;
using KgOrleans.Lab.Replay;

namespace KgOrleans.Lab.Frontier;

/// <summary><c>kg-lab bench diversity</c>.</summary>
public static class BenchDiversityCommand
{
    private const int LeastPool = 50;
    private const int MostPool = 3_000;

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("diversity", "What diversity costs and brings: pages of ten by every policy over the same candidates, NDCG@10 on held-out "
            + "truth against how alike items are and who gets impressions.");
        var bundle = new Option<DirectoryInfo?>("--bundle") { Description = "On the demo world, with this bundle's towers and ranker." };
        var hetrec = new Option<FileInfo?>("--hetrec") { Description = "On hetrec2011-lastfm-2k.zip, with item-kNN." };
        var users = new Option<int>("--users") { Description = "Most users.", DefaultValueFactory = _ => int.MaxValue };
        var pool = new Option<int>("--pool") { Description = "Candidates of a user.", DefaultValueFactory = _ => 300 };
        var resamples = new Option<int>("--resamples") { Description = "Draws of users that intervals are made from.", DefaultValueFactory = _ => 1_000 };
        var seed = new Option<int>("--seed") { Description = "Seed of world, hold-out and draws.", DefaultValueFactory = _ => 1 };
        var now = new Option<string?>("--now") { Description = "Day that the demo world is made for, ISO 8601; results do not depend on it." };
        var json = new Option<bool>("--json") { Description = "Write one line of JSON for each policy and strength." };
        var markdown = new Option<bool>("--markdown") { Description = "Write the table as Markdown." };
        var svg = new Option<FileInfo?>("--svg") { Description = "Also write the picture to this file." };
        foreach (var option in (Option[])[bundle, hetrec, users, pool, resamples, seed, now, json, markdown, svg])
            command.Options.Add(option);
        command.Validators.Add(parsed =>
        {
            if ((parsed.GetValue(bundle) is null) == (parsed.GetValue(hetrec) is null))
                parsed.AddError("give either --bundle or --hetrec");
        });
        command.Run((parsed, terminal, cancellation) =>
        {
            Require(parsed.GetValue(users) >= 2, "--users: must be at least 2");
            Require(parsed.GetValue(pool) is >= LeastPool and <= MostPool, $"--pool: must be {LeastPool}..{MostPool}");
            Require(parsed.GetValue(resamples) is >= 1 and <= 100_000, "--resamples: must be 1..100000");
            var data = Read(
                parsed.GetValue(bundle), parsed.GetValue(hetrec), parsed.GetValue(users), parsed.GetValue(pool), parsed.GetValue(seed), parsed.GetValue(now),
                cancellation);
            var points = new FrontierRun(data, parsed.GetValue(resamples), parsed.GetValue(seed)).Measure(FrontierPolicy.All, cancellation);
            if (parsed.GetValue(svg) is { } picture)
                File.WriteAllText(picture.FullName, FrontierPicture.Draw($"{data.Name}: relevance against diversity, pages of ten", points));
            if (parsed.GetValue(json))
            {
                foreach (var line in FrontierReport.ToJson(data, points))
                    terminal.WriteLine(line);
            }
            else if (parsed.GetValue(markdown))
                terminal.WriteLine(FrontierReport.ToMarkdown(data, points));
            else
                FrontierReport.Write(terminal.Out, data, points);
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    private static void Require(bool right, string message)
    {
        if (!right)
            throw new InputException(message);
    }

    private static FrontierData Read(DirectoryInfo? bundle, FileInfo? hetrec, int users, int pool, int seed, string? now, CancellationToken cancellation)
    {
        if (hetrec is not null)
            return FrontierHetRec.Read(hetrec.FullName, seed, pool, users, cancellation);
        var time = ReplayCommand.TimeOf(now);
        using var loaded = EvaluateCommand.Load(bundle!);
        var world = DemoWorldGenerator.Generate(new DemoWorldOptions { Seed = seed }, time);
        return loaded.WorldId == world.WorldId
            ? FrontierDemo.Read(world, loaded, time, pool, users, cancellation)
            : throw new InputException($"the bundle was trained for {loaded.WorldId}, not for {world.WorldId}");
    }
}
