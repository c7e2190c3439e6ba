using System.Net;
using System.Text.Json;
using KgOrleans.Client;
using KgOrleans.ClientTestSupport;
using KgOrleans.CommandLine;
using KgOrleans.Lab.Bench;

namespace KgOrleans.Lab.Tests.Bench;

[Trait("Suite", "Unit")]
public sealed class LoadRunTests
{
    private readonly InstantTime _time = new();

    [Fact]
    public async Task The_warm_up_is_not_measured()
    {
        var result = await RunAsync(new LoadPlan { Callers = 1, WarmUp = TimeSpan.FromSeconds(1), Duration = TimeSpan.FromSeconds(2) }, n => n < 10 ? 100 : 10);
        // Ten slow requests fill the first second; the two measured ones hold 200 of 10 ms.
        Assert.Equal(200, result.Requests);
        Assert.Equal(10, result.Percentile(99), tolerance: 0.05);
        Assert.Equal(100, result.PerSecond, tolerance: 0.5);
    }

    [Fact]
    public async Task An_open_loop_does_not_make_up_for_what_it_missed_while_it_warmed_up()
    {
        var sent = 0;
        var plan = new LoadPlan { Callers = 1, WarmUp = TimeSpan.FromSeconds(2), Duration = TimeSpan.FromSeconds(5), Rate = 10 };
        var result = await RunAsync(plan, n => ++sent == 1 ? 1_500 : 1);
        // The first request takes the time of fifteen, of which fourteen are left out.
        Assert.InRange(sent, 55, 57);
        Assert.Equal(50, result.Requests);
    }

    [Fact]
    public async Task An_open_loop_charges_a_stall_to_every_request_that_it_held_up()
    {
        var plan = new LoadPlan { Callers = 1, WarmUp = TimeSpan.Zero, Duration = TimeSpan.FromSeconds(10), Rate = 10 };
        var result = await RunAsync(plan, n => n == 20 ? 5_000 : 1);
        Assert.Equal(100, result.Requests);
        Assert.Equal(5_000, result.Percentile(100), tolerance: 10);
        // About half of the schedule waited behind the stall; a closed loop would show one slow request in a hundred.
        Assert.InRange(result.Percentile(90), 3_500, 5_000);
        var closed = await RunAsync(plan with { Rate = null }, n => n == 20 ? 5_000 : 1);
        Assert.Equal(1, closed.Percentile(90), tolerance: 0.05);
    }

    [Fact]
    public async Task Errors_and_degraded_answers_are_counted_apart()
    {
        var plan = new LoadPlan { Callers = 1, WarmUp = TimeSpan.Zero, Duration = TimeSpan.FromSeconds(1) };
        var result = await LoadRun.RunAsync(plan, (n, _) =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return n % 2 == 0 ? Task.FromResult(n == 0) : throw new ApiException(HttpStatusCode.ServiceUnavailable, "busy");
        }, _time, CancellationToken.None);
        Assert.Equal((5, 1, 5), (result.Requests, result.Degraded, result.Errors["503"]));
    }

    [Fact]
    public async Task The_command_runs_every_concurrency_against_a_service()
    {
        await using var service = await FakeService.StartAsync();
        service.Pages[""] = """{"requestId":"r","items":[],"degraded":[{"stage":"fineRank","reason":"noModel"}],"sceneVersion":1,"tookMs":1}""";
        var run = await LabRun.OfAsync(
            "bench", "serve", "--url", service.Url, "--users", "5", "--concurrency", "1,3", "--duration", "2", "--warm-up", "0", "--json");
        Assert.Equal(ExitCode.Ok, run.Exit);
        var lines = run.Out.Trim().Split('\n').Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal([1, 3], lines.Select(l => l.GetProperty("callers").GetInt32()));
        Assert.All(lines, l => Assert.Equal(l.GetProperty("requests").GetInt64(), l.GetProperty("degraded").GetInt64()));
        Assert.All(lines, l => Assert.True(l.GetProperty("requests").GetInt64() > 0));
        Assert.Equal(["u0001", "u0002", "u0003", "u0004", "u0005"], service.Recommends.Select(r => r.GetProperty("userId").GetString()).Distinct().Order());
        Assert.All(service.Recommends, r => Assert.True(r.GetProperty("dryRun").GetBoolean()));
    }

    [Fact]
    public async Task A_service_that_only_fails_fails_the_command()
    {
        await using var service = await FakeService.StartAsync();
        var run = await LabRun.OfAsync("bench", "serve", "--url", service.Url, "--concurrency", "1", "--duration", "3", "--warm-up", "0");
        Assert.Equal(ExitCode.Failed, run.Exit);
        Assert.Contains("x 404", run.Out);
    }

    [Theory]
    [InlineData("--concurrency", "0")]
    [InlineData("--users", "/no/such/file")]
    [InlineData("--users", "0")]
    [InlineData("--user-pattern", "u {0}")]
    [InlineData("--duration", "0")]
    [InlineData("--rate", "-1")]
    public async Task Wrong_usage_is_exit_code_2(string option, string value) =>
        Assert.Equal(ExitCode.Usage, (await LabRun.OfAsync("bench", "serve", option, value)).Exit);

    private Task<LoadResult> RunAsync(LoadPlan plan, Func<long, double> milliseconds) => LoadRun.RunAsync(plan, (n, _) =>
    {
        _time.Advance(TimeSpan.FromMilliseconds(milliseconds(n)));
        return Task.FromResult(false);
    }, _time, CancellationToken.None);
}
