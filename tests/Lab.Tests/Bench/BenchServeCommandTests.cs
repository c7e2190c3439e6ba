using System.Text.Json;
using KgOrleans.ClientTestSupport;
using KgOrleans.CommandLine;

namespace KgOrleans.Lab.Tests.Bench;

[Trait("Suite", "Unit")]
public sealed class BenchServeCommandTests : IAsyncLifetime
{
    private FakeService _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await FakeService.StartAsync();
        _service.Pages[""] = """{"requestId":"r","items":[],"degraded":[],"sceneVersion":1,"tookMs":1}""";
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_run_tells_percentiles_and_what_the_service_says_of_its_stages_and_cpu()
    {
        var scrapes = 0;
        _service.Metrics = () => Interlocked.Increment(ref scrapes) == 1 ? Metrics(5, 1, 10) : Metrics(25, 2, 50);
        var line = Assert.Single(await RunAsync());
        Assert.Equal(2, scrapes);
        Assert.Equal(50, line.GetProperty("cpuMsPerRequest").GetDouble());
        Assert.Equal(2, line.GetProperty("stages").GetProperty("recall").GetDouble());
        Assert.True(line.GetProperty("clientCpuMsPerRequest").GetDouble() > 0);
        string[] percentiles = ["p50Ms", "p90Ms", "p99Ms", "p999Ms", "maxMs"];
        var values = percentiles.Select(p => line.GetProperty(p).GetDouble()).ToArray();
        Assert.True(values[0] > 0);
        Assert.Equal(values.Order(), values);
    }

    [Fact]
    public async Task A_service_without_metrics_is_measured_all_the_same()
    {
        var line = Assert.Single(await RunAsync());
        Assert.True(line.GetProperty("requests").GetInt64() > 0);
        Assert.False(line.TryGetProperty("stages", out var stages) && stages.ValueKind != JsonValueKind.Null);
        var table = await LabRun.OfAsync("bench", "serve", "--url", _service.Url, "--duration", "2", "--warm-up", "0", "--concurrency", "1");
        Assert.Contains("p99.9", table.Out);
        Assert.DoesNotContain("Mean time of a stage", table.Out);
    }

    [Fact]
    public async Task The_kernels_of_a_request_alone_are_compared_with_the_services_cpu()
    {
        var scrapes = 0;
        _service.Metrics = () => Interlocked.Increment(ref scrapes) == 1 ? Metrics(5, 1, 10) : Metrics(25, 2, 50);
        var lines = await RunAsync("--kernels", Path.Combine(TestSupport.RepositoryRoot.Path, "models", "demo"));
        var kernels = lines[1].GetProperty("kernels").EnumerateArray().ToDictionary(
            k => k.GetProperty("name").GetString()!, k => (Size: k.GetProperty("size").GetInt32(), Ms: k.GetProperty("ms").GetDouble()));
        Assert.Equal((20_000, 300), (kernels["scan and re-score"].Size, kernels["ranker"].Size));
        Assert.All(kernels.Values, k => Assert.True(k.Ms > 0));
        var sum = lines[1].GetProperty("kernelSumMs").GetDouble();
        Assert.Equal(kernels.Values.Sum(k => k.Ms), sum, 0.01);
        Assert.Equal(50 / sum, lines[1].GetProperty("cpuToKernels")[0].GetDouble(), 50 / sum * 0.01);
    }

    private async Task<JsonElement[]> RunAsync(params string[] more)
    {
        var run = await LabRun.OfAsync(
            ["bench", "serve", "--url", _service.Url, "--duration", "2", "--warm-up", "0", "--concurrency", "2", "--json", .. more]);
        Assert.Equal(ExitCode.Ok, run.Exit);
        return [.. run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonElement.Parse(l))];
    }

    private static string Metrics(int requests, int cpu, int sum) => FormattableString.Invariant($$"""
        kg_recommend_requests_total{status="Ok"} {{requests}}
        dotnet_process_cpu_time_seconds_total{cpu_mode="user"} {{cpu}}
        kg_recommend_stage_duration_milliseconds_sum{stage="recall"} {{sum}}
        kg_recommend_stage_duration_milliseconds_count{stage="recall"} {{requests}}
        """);
}
