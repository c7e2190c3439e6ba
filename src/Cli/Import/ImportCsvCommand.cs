using System.CommandLine;
using KgOrleans.CommandLine;
using KgOrleans.Import.Csv;
using KgOrleans.Import.Sets;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using Spectre.Console;

namespace KgOrleans.Cli.Import;

/// <summary><c>kg import csv</c>.</summary>
public static class ImportCsvCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command(
            "csv", "Items, users and events from CSV files with a header line. When columns do not fit, the mapping is shown and nothing is sent.");
        var path = new Argument<string>("path") { Description = "A CSV file, or a zip file or directory of them." };
        var preset = new Option<string?>("--preset") { Description = $"Format of the files: {string.Join(", ", CsvPreset.All.Select(p => p.Name))}." };
        var map = new Option<string[]>("--map")
        {
            Description = "COLUMN=MEMBER: the member that a column fills. May be repeated.",
            DefaultValueFactory = _ => [],
        };
        var type = new Option<string[]>("--type")
        {
            Description = "NAME=TYPE: the event type that a name in the file means; TYPE alone: the type of events in files without one. May be repeated.",
            DefaultValueFactory = _ => [],
        };
        var kind = new Option<ItemKind>("--kind") { Description = "Kind of items whose file has none.", DefaultValueFactory = _ => ItemKind.Video };
        var world = new Option<string?>("--world") { Description = "World of items and users; the cluster's own without it." };
        var prefix = new Option<string>("--prefix") { Description = "Text before every id.", DefaultValueFactory = _ => "" };
        var move = new Option<bool>("--move-time") { Description = "Move all times by one delta, so that the newest is now. For old data sets." };
        var json = new Option<bool>("--json") { Description = "Write the summary as one line of JSON." };
        command.Arguments.Add(path);
        foreach (var option in (Option[])[preset, map, type, kind, world, prefix, move, json])
            command.Options.Add(option);
        var connection = new Connection().AddTo(command);
        command.Run(async (parsed, terminal, cancellation) =>
        {
            var ids = parsed.GetValue(prefix)!;
            if (!IdScope.IsPrefix(ids))
                throw new InputException($"--prefix {ids}: must be at most {IdScope.LongestPrefix} characters of A-Z a-z 0-9 _ . : -");
            if (parsed.GetValue(world) is { } name && !Limits.IsId(name))
                throw new InputException($"--world {name}: must be 1..{Limits.IdLength} characters of A-Z a-z 0-9 _ . : -");
            var options = new CsvOptions(new IdScope(ids), TypesOf(parsed.GetValue(type)!), parsed.GetValue(kind), parsed.GetValue(world));
            using var files = CsvFiles.Open(parsed.GetRequiredValue(path));
            var mappings = Map(files, PresetOf(parsed.GetValue(preset)), NamedOf(parsed.GetValue(map)!), options);
            foreach (var mapping in mappings)
                terminal.Error.WriteLine(mapping.ToString());
            using var client = connection.Open(parsed);
            var run = new ImportRun(client, terminal, TimeProvider.System) { KeepTime = !parsed.GetValue(move), Json = parsed.GetValue(json) };
            return await run.RunAsync(() => CsvSet.Read(mappings, options), cancellation);
        });
        return command;
    }

    private static CsvTypes TypesOf(string[] named)
    {
        try
        {
            return new CsvTypes(named);
        }
        catch (FormatException e)
        {
            throw new InputException($"--type {e.Message}");
        }
    }

    private static CsvPreset? PresetOf(string? name) =>
        name is null ? null
        : CsvPreset.All.FirstOrDefault(p => p.Name == name)
            ?? throw new InputException($"--preset {name}: must be one of {string.Join(", ", CsvPreset.All.Select(p => p.Name))}");

    private static Dictionary<string, string> NamedOf(string[] map)
    {
        var named = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var entry in map)
        {
            var parts = entry.Split('=', 2);
            if (parts.Length < 2 || !CsvMapping.IsMember(parts[1]))
                throw new InputException($"--map {entry}: must be COLUMN=MEMBER with a member of {string.Join(", ", CsvMapping.AllMembers)}, features.NAME");
            if (!named.TryAdd(parts[0], parts[1]))
                throw new InputException($"--map {entry}: the column {parts[0]} is mapped twice");
        }
        return named;
    }

    private static List<CsvMapping> Map(CsvFiles files, CsvPreset? preset, Dictionary<string, string> named, CsvOptions options)
    {
        var mappings = files.Tables.Select(t => CsvMapping.Of(t, named, preset)).ToList();
        var faults = new List<string>();
        foreach (var column in named.Keys.Where(c => !files.Tables.Any(t => t.Columns.Contains(c, StringComparer.OrdinalIgnoreCase))))
            faults.Add($"--map {column}: no file has this column");
        if (mappings.TrueForAll(m => m.Sort is null))
            faults.Add("no file has a column for userId or itemId");
        else if (preset is not null && mappings.TrueForAll(m => m.Sort != CsvSort.Events))
            faults.Add("no file has the columns of its events");
        foreach (var mapping in mappings.Where(m => m.Sort == CsvSort.Events && m["type"] < 0 && m[CsvMapping.Rating] < 0 && !options.Types.HasDefault))
            faults.Add($"{mapping.Table.Name} has no column for type or rating: name one with --map, or pass --type like for all");
        if (faults.Count == 0)
            return mappings;
        throw new InputException($"""
            nothing was sent: {string.Join("; ", faults)}
            {string.Join("\n", mappings)}
            {(preset is null ? "map columns with --map COLUMN=MEMBER; members are " + string.Join(", ", CsvMapping.AllMembers) + ", features.NAME"
                : $"{preset.Name} has {preset.Expected}")}
            """);
    }
}
