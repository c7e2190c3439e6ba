using KgOrleans.ClientTestSupport;
using KgOrleans.CommandLine;

namespace KgOrleans.Cli.Tests.Import;

/// <summary>The sets as their publishers distribute them, imported; skipped where they are not.</summary>
[Trait("Suite", "Unit")]
public sealed class RealDataImportTests
{
    [Theory]
    [InlineData(SampleSets.HetRecZip)]
    [InlineData(SampleSets.KuaiRandZip)]
    public async Task A_set_is_imported_completely_and_a_second_time_adds_nothing(string file)
    {
        var path = SampleSets.FindReal(file);
        Assert.SkipWhen(path is null, SampleSets.Missing(file));
        var name = file == SampleSets.HetRecZip ? "hetrec-lastfm" : "kuairand";
        await using var service = await FakeService.StartAsync();

        var first = await CliRun.OfAsync("import", name, path, "--url", service.Url, "--keep-time", "--json");
        Assert.Equal((ExitCode.Ok, ""), (first.Exit, first.Exit == 0 ? "" : first.Out + first.Error));
        var events = service.Events.Count;
        var bodies = service.EventBodies.Order(StringComparer.Ordinal).ToList();
        service.EventBodies.Clear();
        var second = await CliRun.OfAsync("import", name, path, "--url", service.Url, "--keep-time", "--json");

        Assert.Equal(ExitCode.Ok, second.Exit);
        Assert.Equal(events, service.Events.Count);
        Assert.Contains($"\"accepted\":0,\"duplicates\":{events},\"rejected\":0", second.Out);
        Assert.Equal(bodies, service.EventBodies.Order(StringComparer.Ordinal));
        Assert.All(service.Events.GroupBy(e => e.UserId), user => Assert.Equal(user.OrderBy(e => e.Timestamp), user));
    }
}
