using System.Text.Json;
using KgOrleans.CommandLine;
using KgOrleans.TestSupport;

namespace KgOrleans.Lab.Tests.Bench;

[Trait("Suite", "Unit")]
public class BenchRankerCommandTests
{
    private static readonly string Demo = Path.Combine(RepositoryRoot.Path, "models", "demo");

    [Fact]
    public async Task Every_part_of_fine_ranking_and_re_ranking_is_a_line_of_json()
    {
        var run = await LabRun.OfAsync("bench", "ranker", "--bundle", Demo, "--candidates", "20", "--repeat", "1", "--json");
        Assert.Equal(ExitCode.Ok, run.Exit);
        var lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        Assert.Equal(
            ["ranker", "of it features", "fusion", "order", "re-rank to 10, dpp", "re-rank to 10, mmr", "re-rank to 10, scatter", "re-rank to 10, none", "8 rules alone, 100 picks"],
            lines.Select(l => l.GetProperty("name").GetString()));
        Assert.All(lines, l => Assert.True(l.GetProperty("us").GetDouble() > 0));
    }

    [Theory]
    [InlineData("--candidates", "0")]
    [InlineData("--repeat", "0")]
    [InlineData("--bundle", "/nowhere")]
    public async Task Numbers_out_of_range_and_a_bundle_that_is_none_are_refused(string option, string value)
    {
        string[] bundle = option == "--bundle" ? [] : ["--bundle", Demo];
        var run = await LabRun.OfAsync(["bench", "ranker", option, value, .. bundle]);
        Assert.Equal(ExitCode.Usage, run.Exit);
    }
}
