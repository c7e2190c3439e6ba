using System.Diagnostics;
using System.Text.Json;
using KgOrleans.CommandLine;
using KgOrleans.TestSupport;

namespace KgOrleans.Lab.Tests.Diversify;

[Trait("Suite", "Unit")]
public sealed class DiversifyCommandTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"kg-diversify-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(_file);

    private async Task<LabRun> RunAsync(string json)
    {
        await File.WriteAllTextAsync(_file, json, TestContext.Current.CancellationToken);
        return await LabRun.OfAsync("diversify", "--in", _file);
    }

    private static int[] Picks(LabRun run) => [.. JsonDocument.Parse(run.Out).RootElement.GetProperty("picks").EnumerateArray().Select(x => x.GetInt32())];

    [Theory]
    [InlineData("dpp", "0,2,1")]
    [InlineData("mmr", "0,2,1")]
    [InlineData("scatter", "0,2,1")]
    public async Task Works_that_are_alike_are_kept_apart(string method, string expected)
    {
        var run = await RunAsync($$"""{"relevance":[1,0.9,0.5],"vectors":[[2,0],[3,0.1],[0,1]],"theta":0.5,"picks":3,"window":2,"method":"{{method}}"}""");
        Assert.Equal(ExitCode.Ok, run.Exit);
        Assert.Equal(expected, string.Join(",", Picks(run)));
    }

    [Fact]
    public async Task What_the_determinant_cannot_choose_among_follows_as_a_remainder_by_relevance()
    {
        var run = await RunAsync("""{"relevance":[0.1,0.3,0.2,0.9],"vectors":[[1],[1],[1],[1]],"picks":4}""");
        Assert.Equal([3], Picks(run));
        Assert.Equal([1, 2, 0], JsonDocument.Parse(run.Out).RootElement.GetProperty("remainder").EnumerateArray().Select(x => x.GetInt32()));
    }

    [Fact]
    public async Task Weights_and_kinds_change_the_choice()
    {
        const string Same = "\"relevance\":[0.5,0.5,0.5],\"vectors\":[[1,0],[1,0.1],[1,-0.1]],\"picks\":2";
        Assert.Equal(2, Picks(await RunAsync($$"""{{{Same}},"weights":[1,1,5]}"""))[0]);
        var apart = Picks(await RunAsync($$"""{{{Same}},"kinds":[0,0,1],"kindShare":0.5}"""));
        Assert.Equal([0, 2], apart);
    }

    [Theory]
    [InlineData("{}", "relevance")]
    [InlineData("[]", "not valid")]
    [InlineData("""{"relevance":[1],"vectors":[]}""", "1 relevances and 0 vectors")]
    [InlineData("""{"relevance":[1,1],"vectors":[[1],[1,2]]}""", "one length")]
    [InlineData("""{"relevance":[2],"vectors":[[1]]}""", "relevance must be 0..1")]
    [InlineData("""{"relevance":[1],"vectors":[[1e300]]}""", "finite")]
    [InlineData("""{"relevance":[1],"vectors":[[1]],"theta":1}""", "theta")]
    [InlineData("""{"relevance":[1],"vectors":[[1]],"picks":-1}""", "picks")]
    [InlineData("""{"relevance":[1],"vectors":[[1]],"window":-1}""", "window")]
    [InlineData("""{"relevance":[1],"vectors":[[1]],"method":"best"}""", "method")]
    [InlineData("""{"relevance":[1],"vectors":[[1]],"weights":[0]}""", "weights")]
    [InlineData("""{"relevance":[1],"vectors":[[1]],"kinds":[-1]}""", "kinds")]
    [InlineData("""{"relevance":[1],"vectors":[[1]],"surprise":1}""", "surprise")]
    public async Task A_bad_case_is_refused_with_the_reason(string json, string reason)
    {
        var run = await RunAsync(json);
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Contains(reason, run.Error);
        Assert.Empty(run.Out);
    }

    [Fact]
    public async Task A_missing_file_is_refused() => Assert.Equal(ExitCode.Usage, (await LabRun.OfAsync("diversify", "--in", _file)).Exit);

    [Fact]
    public async Task Picks_and_gains_equal_the_reference_on_random_cases_with_ties()
    {
        var script = Path.Combine(SharedFolder.Path, "peers", "dpp_reference.py");
        Assert.SkipUnless(File.Exists(script), "The reference is not on this machine (KG_SHARED names its folder).");
        var python = new[] { "/usr/bin/python3", "python3" }.FirstOrDefault(p => Start(p, "-c", "import numpy").Exit == 0);
        Assert.SkipWhen(python is null, "No python3 with numpy is installed.");
        for (var seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            var (count, dimension) = (random.Next(1, 40), random.Next(1, 16));
            var vectors = Enumerable.Range(0, count).Select(_ => Enumerable.Range(0, dimension).Select(_ => (random.NextDouble() * 2) - 1).ToArray()).ToArray();
            // Copies, and equal relevances, so that ties decide.
            for (var i = 0; i < count / 3 && seed % 2 == 1; i++)
                vectors[random.Next(count)] = vectors[0];
            var relevance = vectors.Select(_ => seed % 2 == 1 ? random.Next(3) / 2d : random.NextDouble()).ToArray();
            var window = (int[])[0, 1, 2, 5];
            var run = await RunAsync(JsonSerializer.Serialize(new { relevance, vectors, theta = 0.7, picks = random.Next(1, 30), window = window[seed % 4] }));
            var (exit, output) = Start(python, script, "--in", _file);
            Assert.Equal(0, exit);
            var expected = JsonDocument.Parse(output).RootElement;
            Assert.Equal(expected.GetProperty("brute").EnumerateArray().Select(x => x.GetInt32()), Picks(run));
            var gains = JsonDocument.Parse(run.Out).RootElement.GetProperty("gains").EnumerateArray().Select(x => x.GetDouble());
            foreach (var (ours, theirs) in gains.Zip(expected.GetProperty("gains").EnumerateArray().Select(x => x.GetDouble())))
                Assert.Equal(theirs, ours, 1e-7);
        }
    }

    private static (int Exit, string Output) Start(string file, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            _ = errors.Result;
            return (process.ExitCode, output);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (-1, "");
        }
    }
}
