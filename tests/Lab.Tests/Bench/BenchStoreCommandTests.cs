using System.Text.Json;
using KgOrleans.CommandLine;

namespace KgOrleans.Lab.Tests.Bench;

[Trait("Suite", "Unit")]
public sealed class BenchStoreCommandTests
{
    [Fact]
    public async Task It_measures_bulk_and_single_appends_and_leaves_nothing_behind()
    {
        var folder = Path.Combine(Path.GetTempPath(), "kg-store-" + Guid.NewGuid().ToString("N"));
        var run = await LabRun.OfAsync(
            "bench", "store", "--path", folder, "--records", "1000", "--bytes", "300", "--callers", "4", "--flush-ms", "2", "--duration", "0.5", "--json");
        Assert.Equal(ExitCode.Ok, run.Exit);
        var lines = run.Out.Trim().Split('\n').Select(l => JsonDocument.Parse(l).RootElement).ToDictionary(l => l.GetProperty("name").GetString()!);
        Assert.Equal(["log-bulk", "log-single", "plain-write"], lines.Keys.Order());
        Assert.InRange(lines["log-bulk"].GetProperty("amplification").GetDouble(), 1, 1.2);
        Assert.True(lines["log-single"].GetProperty("p50Ms").GetDouble() >= 2);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task Without_json_it_writes_a_table()
    {
        var run = await LabRun.OfAsync("bench", "store", "--records", "1000", "--callers", "1", "--flush-ms", "0", "--duration", "0.1");
        Assert.Equal(ExitCode.Ok, run.Exit);
        Assert.All((string[])["per second", "plain-write", "log-bulk", "log-single"], text => Assert.Contains(text, run.Out));
        Assert.Empty(Directory.GetDirectories(".", "kg-bench-store-*"));
    }

    [Theory]
    [InlineData("--records", "1")]
    [InlineData("--bytes", "0")]
    [InlineData("--flush-ms", "-1")]
    public async Task Wrong_usage_is_exit_code_2(string option, string value) =>
        Assert.Equal(ExitCode.Usage, (await LabRun.OfAsync("bench", "store", "--path", "/no/such/folder", option, value)).Exit);

    [Fact]
    public async Task A_folder_that_exists_is_left_alone()
    {
        var folder = Directory.CreateTempSubdirectory("kg-store-").FullName;
        try
        {
            Assert.Equal(ExitCode.Usage, (await LabRun.OfAsync("bench", "store", "--path", folder)).Exit);
            Assert.True(Directory.Exists(folder));
        }
        finally
        {
            Directory.Delete(folder);
        }
    }
}
