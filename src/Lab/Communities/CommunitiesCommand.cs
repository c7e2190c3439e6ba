using System.CommandLine;
using System.Globalization;
using KgOrleans.CommandLine;
using KgOrleans.DemoWorld;
using KgOrleans.Lab.Replay;
using Spectre.Console;

namespace KgOrleans.Lab.Communities;

/// <summary><c>kg-lab communities</c>.</summary>
public static class CommunitiesCommand
{
    /// <summary>The command with its subcommands.</summary>
    public static Command Create() =>
        new(
            "communities", "Discovers communities among friends, followers and people who like the same items, and writes them to users and items.") { Find(
                ), Write() };

    private static Command Find()
    {
        var command = new Command("find", "Searches by label propagation and writes a plan: one line of JSON for each user and item.");
        var data = new Option<DirectoryInfo?>("--data") { Description = "Data directory of a server that is not running." };
        var demo = new Option<bool>("--demo-world") { Description = "Generate the demo world in memory instead of reading a store." };
        var users = new Option<FileInfo?>("--users") { Description = "NDJSON of user documents, with --items and --events when they are to count." };
        var items = new Option<FileInfo?>("--items") { Description = "NDJSON of item documents." };
        var events = new Option<FileInfo?>("--events") { Description = "NDJSON of events." };
        var smallest = new Option<int>("--min-size") { Description = "Fewest members of a community.", DefaultValueFactory = _ => 5 };
        var largest = new Option<int>("--max-size") { Description = "Most members; larger ones are searched again inside.", DefaultValueFactory = _ => 500 };
        var seed = new Option<int>("--seed") { Description = "Seed of the search, and of the demo world.", DefaultValueFactory = _ => 1 };
        var output = new Option<FileInfo>("--out") { Description = "Plan to write.", Required = true };
        foreach (var option in (Option[])[data, demo, users, items, events, smallest, largest, seed, output])
            command.Options.Add(option);
        command.Validators.Add(parsed =>
        {
            if ((parsed.GetValue(data) is null ? 0 : 1) + (parsed.GetValue(demo) ? 1 : 0) + (parsed.GetValue(users) is null ? 0 : 1) != 1)
                parsed.AddError("give one of --data, --demo-world and --users");
        });
        command.RunOnStores(async (parsed, terminal, cancellation) =>
        {
            var (least, most) = (parsed.GetValue(smallest), parsed.GetValue(largest));
            if (least < 2 || most < least)
                throw new InputException("--min-size: must be at least 2, and --max-size not below it");
            var history = parsed.GetValue(data) is { } directory ? await ReplayStore.ReadAsync(directory.FullName, "", cancellation)
                : parsed.GetValue(users) is { } file ? ReplayFiles.Read(file, parsed.GetValue(items), parsed.GetValue(events))
                : ReplayDemoWorld.Of(DemoWorldGenerator.Generate(new DemoWorldOptions { Seed = parsed.GetValue(seed) }, TimeProvider.System.GetUtcNow()));
            var graph = CommunityGraph.Of(CommunityTies.Of(history));
            var found = new CommunityFinder(least, most, parsed.GetValue(seed)).Find(graph);
            using (var writer = new StreamWriter(parsed.GetRequiredValue(output).FullName))
                CommunityPlan.Write(writer, CommunityPlan.Of(history, found));
            Show(terminal.Out, graph, found);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Write()
    {
        var command = new Command("write", "Writes a plan to the service: stated communities stay, former discovered ones are replaced. Harmless to repeat.");
        var plan = new Argument<FileInfo>("plan") { Description = "What kg-lab communities find wrote." };
        var dryRun = new Option<bool>("--dry-run") { Description = "Count what would change, and change nothing." };
        command.Arguments.Add(plan);
        command.Options.Add(dryRun);
        var connection = new Connection().AddTo(command);
        command.Run(async (parsed, terminal, cancellation) =>
        {
            using var client = connection.Open(parsed);
            using var reader = parsed.GetRequiredValue(plan).OpenText();
            var writer = new CommunityWriter(client, parsed.GetValue(dryRun));
            // Read to its end before anything is written: a line that is none refuses the whole plan.
            await writer.WriteAsync([.. CommunityPlan.Read(reader)], cancellation);
            var table = new Table().Border(TableBorder.Rounded).Title(
                parsed.GetValue(dryRun) ? "Discovered communities, dry run" : "Discovered communities").AddColumn("documents");
            foreach (var column in (string[])[parsed.GetValue(dryRun) ? "would change" : "changed", "as they were", "gone", "refused"])
                table.AddColumn(new TableColumn(column).RightAligned());
            foreach (var (name, o) in ((string, CommunityOutcome)[])[("users", writer.Users), ("items", writer.Items)])
                table.AddRow([name, .. ((int[])[o.Changed, o.Unchanged, o.Gone, o.Refused]).Select(n => n.ToString("N0", CultureInfo.InvariantCulture))]);
            terminal.Out.Write(table);
            return writer.Users.Refused + writer.Items.Refused > 0 ? ExitCode.Failed : ExitCode.Ok;
        });
        return command;
    }

    private static void Show(IAnsiConsole console, CommunityGraph graph, IReadOnlyList<Community> found)
    {
        var table = new Table().Border(TableBorder.Rounded).Title("Discovered communities").AddColumn("what").AddColumn(
            new TableColumn("count").RightAligned());
        foreach (var (what, count) in ((string, int)[])[
            ("people with ties", graph.Count), ("ties", graph.Ties), ("communities", found.Count), ("people in one", found.Sum(c => c.Members.Count)),
            ("members of the largest", found.Count == 0 ? 0 : found[0].Members.Count),
            ("members of the median one", found.Count == 0 ? 0 : found[found.Count / 2].Members.Count)])
            table.AddRow(what, count.ToString("N0", CultureInfo.InvariantCulture));
        console.Write(table);
    }
}
