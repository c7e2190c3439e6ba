using System.Text.Json;
using KgOrleans.CommandLine;

namespace KgOrleans.Lab.Tests.Bench;

[Trait("Suite", "Unit")]
public class BenchKernelsCommandTests
{
    [Fact]
    public async Task Every_measurement_is_a_line_of_json_with_its_floor()
    {
        var run = await LabRun.OfAsync("bench", "kernels", "--json", "--rows", "4096", "--dimension", "48", "--k", "10", "--repeat", "1", "--only", "top-k");
        Assert.Equal(ExitCode.Ok, run.Exit);
        var line = JsonDocument.Parse(Assert.Single(run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries))).RootElement;
        Assert.Equal(
            ["name", "n", "d", "k", "queries", "threads", "ms_per_query", "floor_ms", "ratio_to_floor", "gb_per_s"],
            line.EnumerateObject().Select(p => p.Name));
        Assert.Equal("top-k", line.GetProperty("name").GetString());
        Assert.Equal(4096, line.GetProperty("n").GetInt32());
        Assert.True(line.GetProperty("ms_per_query").GetDouble() > 0);
    }

    [Theory]
    [InlineData("--dimension", "20")]
    [InlineData("--rows", "0")]
    [InlineData("--k", "0")]
    [InlineData("--repeat", "0")]
    public async Task Numbers_out_of_range_are_refused(string option, string value)
    {
        var run = await LabRun.OfAsync("bench", "kernels", option, value);
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Contains(option, run.Error);
    }
}
