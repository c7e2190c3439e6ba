using System.CommandLine;
using System.Globalization;
using KgOrleans.CommandLine;

namespace KgOrleans.Lab.Evaluate;

/// <summary>The options of an evaluation on a history.</summary>
internal sealed class HistoryOptions
{
    private const int OldestDays = 3_650;

    private readonly Option<string?> _data = new("--data")
    {
        Description = "History: a downloaded set (HetRec Last.fm, KuaiRand; zip or folder), a folder that kg export wrote, "
            + "or the data directory of a service that is not running.",
    };

    private readonly Option<string> _split = new("--split")
    {
        Description = "What is set aside of each user's positives: random, last (their newest), or time (the newest of all events).",
        DefaultValueFactory = _ => "random",
    };

    private readonly Option<double> _share = new("--share") { Description = "Share that is set aside, above 0 and below 1.", DefaultValueFactory = _ => 0.1 };

    private readonly Option<string> _seeds = new("--seeds") { Description = "Seeds, separated by commas: one run each.", DefaultValueFactory = _ => "1" };

    private readonly Option<int> _age = new("--age-days") { Description = "How many days ago the newest event lies.", DefaultValueFactory = _ => 0 };

    private readonly Option<string> _scenes = new("--scenes")
    {
        Description = "What is asked, separated by commas: feed (as shipped), plain (no diversity, no rules), or one channel alone: index, similar, hot.",
        DefaultValueFactory = _ => "feed,plain,index,similar",
    };

    private readonly Option<bool> _fit = new("--fit") { Description = "Ask once more after kg-lab fit on what was sent." };

    private readonly Option<FileInfo?> _svg = new("--svg") { Description = "Also write the picture to this file." };

    private readonly Option<FileInfo?> _service = new("--service") { Description = "The service's program, KgOrleans.Api.dll; without it that of this clone." };

    /// <summary>Adds the options to a command.</summary>
    public HistoryOptions AddTo(Command command)
    {
        foreach (var option in (Option[])[_data, _split, _share, _seeds, _age, _scenes, _fit, _svg, _service])
            command.Options.Add(option);
        return this;
    }

    /// <summary>What an invocation asks for; null without --data. Throws <see cref="InputException"/>.</summary>
    public HistoryPlan? PlanOf(ParseResult parsed)
    {
        if (parsed.GetValue(_data) is not { } data)
            return null;
        if (!Enum.TryParse<HistorySplit>(parsed.GetValue(_split), ignoreCase: true, out var split) || !Enum.IsDefined(split))
            throw new InputException($"--split {parsed.GetValue(_split)}: random, last or time");
        if (parsed.GetValue(_share) is not (> 0 and < 1) and var share)
            throw new InputException($"--share {share}: must be above 0 and below 1");
        if (parsed.GetValue(_age) is not (>= 0 and <= OldestDays) and var age)
            throw new InputException($"--age-days {age}: 0..{OldestDays}");
        var seeds = Parts(parsed, _seeds).ConvertAll(s => int.TryParse(s, NumberStyles.None, CultureInfo.InvariantCulture, out var seed)
            ? seed
            : throw new InputException($"--seeds {s}: is not a number"));
        var scenes = Parts(parsed, _scenes).ConvertAll(s => HistoryScenes.All.TryGetValue(s, out var scene)
            ? scene
            : throw new InputException($"--scenes {s}: {string.Join(", ", HistoryScenes.All.Keys)}"));
        if (seeds.Count == 0)
            throw new InputException("--seeds: names none");
        return new HistoryPlan(data, split, parsed.GetValue(_share), seeds, parsed.GetValue(_age), scenes, parsed.GetValue(_fit));
    }

    /// <summary>Measures and shows.</summary>
    public async Task<int> RunAsync(HistoryPlan plan, ParseResult parsed, Terminal terminal, bool json, CancellationToken cancellation)
    {
        var program = parsed.GetValue(_service) ?? ServiceProcess.Find()
            ?? throw new InputException("the service is not built: dotnet build -c Release src/Api, or name its program by --service");
        if (!program.Exists)
            throw new InputException($"--service {program}: no such file");
        var runs = new List<IReadOnlyList<HistoryResult>>();
        foreach (var seed in plan.Seeds)
            runs.Add(await new HistoryRun(plan, program, terminal).RunAsync(seed, cancellation));
        if (parsed.GetValue(_svg) is { } picture)
            await File.WriteAllTextAsync(picture.FullName, HistoryReport.ToPicture(plan, runs), cancellation);
        if (json)
            terminal.WriteLine(HistoryReport.ToJson(plan, runs));
        else
            HistoryReport.Write(terminal, plan, runs);
        return ExitCode.Ok;
    }

    private static List<string> Parts(ParseResult parsed, Option<string> option) =>
        [.. parsed.GetValue(option)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
}
