using System.Text.Json;
using KgOrleans.CommandLine;

namespace KgOrleans.Lab.Tests.Bench;

[Trait("Suite", "Unit")]
public class BenchPartitionCommandTests
{
    [Fact]
    public async Task Every_measurement_is_a_line_of_json_with_its_floor()
    {
        var run = await LabRun.OfAsync("bench", "partition", "--json", "--n", "3000", "--dimension", "32", "--k", "10", "--only", "tags");
        Assert.Equal(ExitCode.Ok, run.Exit);
        var line = JsonDocument.Parse(Assert.Single(run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries))).RootElement;
        Assert.Equal(
            ["name", "n", "d", "k", "queries", "threads", "ms_per_query", "floor_ms", "ratio_to_floor", "gb_per_s", "selected"],
            line.EnumerateObject().Select(p => p.Name));
        Assert.Equal(3000, line.GetProperty("n").GetInt32());
        Assert.InRange(line.GetProperty("selected").GetDouble(), 0.001, 0.5);
        Assert.True(line.GetProperty("floor_ms").GetDouble() > 0);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("16")]
    public async Task Re_scored_codes_find_what_float32_finds(string head)
    {
        var run = await LabRun.OfAsync("bench", "partition", "--json", "--n", "20000", "--k", "100", "--only", "re-score", "--recall-dimension", head);
        Assert.Equal(ExitCode.Ok, run.Exit);
        // Rounds of recall are timed under the same word.
        var line = Assert.Single(run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries), l => l.Contains("recall of 8 bits", StringComparison.Ordinal));
        Assert.InRange(JsonDocument.Parse(line).RootElement.GetProperty("recall").GetDouble(), 0.99, 1);
    }

    [Theory]
    [InlineData("--dimension", "20")]
    [InlineData("--recall-dimension", "20")]
    [InlineData("--recall-dimension", "128")]
    [InlineData("--n", "10")]
    [InlineData("--k", "0")]
    [InlineData("--content", "-1")]
    public async Task Numbers_out_of_range_are_refused(string option, string value)
    {
        var run = await LabRun.OfAsync("bench", "partition", option, value);
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Contains(option, run.Error);
    }
}
