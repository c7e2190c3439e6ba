using KgOrleans.CommandLine;

namespace KgOrleans.Cli.Tests.Export;

[Trait("Suite", "Unit")]
public sealed class ExportCommandTests : ServiceTests
{
    [Fact]
    public async Task All_parts_are_written_in_order_and_an_earlier_export_is_replaced()
    {
        var folder = Path.Combine(Folder.Path, "out");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "items.ndjson"), "old");
        Service.Exports["items"] = ["1\n2\n", "3\n"];
        Service.Exports["events"] = ["e\n"];
        var run = await CliRun.OfAsync("export", folder, "--url", Service.Url);
        Assert.Equal(ExitCode.Ok, run.Exit);
        Assert.Contains("3 items and 1 events are in", run.Out);
        Assert.Equal("1\n2\n3\n", await File.ReadAllTextAsync(Path.Combine(folder, "items.ndjson")));
        Assert.Equal("e\n", await File.ReadAllTextAsync(Path.Combine(folder, "events.ndjson")));
        Assert.Equal("{\"items\":3,\"events\":1}", (await CliRun.OfAsync("export", folder, "--url", Service.Url, "--json")).Out.Trim());
    }

    [Fact]
    public async Task An_export_that_fails_halfway_leaves_what_was_there()
    {
        var folder = Path.Combine(Folder.Path, "out");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, "items.ndjson"), "old");
        Service.Exports["items"] = ["1\n", ""];
        var run = await CliRun.OfAsync("export", folder, "--url", Service.Url);
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Contains("GET /v1/export/items?cursor=1: 400", run.Error);
        Assert.Equal(["items.ndjson"], Directory.GetFiles(folder).Select(Path.GetFileName));
        Assert.Equal("old", await File.ReadAllTextAsync(Path.Combine(folder, "items.ndjson")));
    }
}
