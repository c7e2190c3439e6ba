using KgOrleans.Api.Demo;
using KgOrleans.Api.Hosting;
using KgOrleans.Api.Tests.Fakes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KgOrleans.Api.Tests;

[Trait("Suite", "Unit")]
public sealed class OperationsTests
{
    [Fact]
    public async Task The_cluster_is_shown_with_its_silos_and_shards()
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.Failures["shard 2"] = new TimeoutException();

        var cluster = (await host.SendAsync("GET", "/v1/cluster")).Json;

        var silo = Assert.Single(cluster.GetProperty("silos").EnumerateArray());
        Assert.Equal("active", silo.GetProperty("status").GetString());
        Assert.Equal([0, 1, 3], silo.GetProperty("shards").EnumerateArray().Select(s => s.GetInt32()));
        Assert.Equal([2], cluster.GetProperty("unreachable").EnumerateArray().Select(s => s.GetInt32()));
        Assert.Equal((9, "m1"), (cluster.GetProperty("items").GetInt32(), cluster.GetProperty("modelVersion").GetString()));
    }

    [Theory]
    [InlineData("warming 1")]
    [InlineData("shard 1")]
    [InlineData("no scenes")]
    public async Task Ready_means_that_every_shard_and_the_scenes_are_loaded_and_live_does_not_ask(string failure)
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.Failures[failure] = new TimeoutException();

        var reply = await host.SendAsync("GET", "/health/ready");
        reply.AssertProblem(503);
        Assert.Contains(failure.Split(' ')[1], reply.Json.GetProperty("detail").GetString());
        Assert.Equal(200, (await host.SendAsync("GET", "/health/live")).Status);

        host.Cluster.Failures.Clear();
        // Shards are asked once a second, whoever asks.
        if (failure != "no scenes")
            (await host.SendAsync("GET", "/health/ready")).AssertProblem(503);
        host.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(200, (await host.SendAsync("GET", "/health/ready")).Status);
    }

    [Fact]
    public async Task Metrics_count_what_was_recorded()
    {
        await using var host = await ApiHost.StartAsync();
        await host.SendAsync("POST", "/v1/events", """{"events":[{"userId":"u1","itemId":"i1","type":"like"},{"userId":"u1","itemId":"i1","type":"zap"}]}""");

        var metrics = await host.SendAsync("GET", "/metrics");

        Assert.Matches("kg_api_events_total{[^}]*outcome=\"accepted\"[^}]*} 1", metrics.Body);
        Assert.Matches("kg_api_events_total{[^}]*outcome=\"rejected\"[^}]*} 1", metrics.Body);
        Assert.Contains("http_server_request_duration_seconds_bucket", metrics.Body);
    }

    [Fact]
    public async Task The_OpenAPI_document_lists_every_route_with_summary_example_and_problems()
    {
        await using var host = await ApiHost.StartAsync();
        var mapped = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.StartsWith("/v1/", StringComparison.Ordinal))
            .Select(e => $"{e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Single().ToLowerInvariant()} {e.RoutePattern.RawText}");

        var document = (await host.SendAsync("GET", "/openapi/v1.json")).Json;

        var operations = document.GetProperty("paths").EnumerateObject().SelectMany(
            p => p.Value.EnumerateObject().Select(m => (Name: $"{m.Name} {p.Name}", m.Value))).ToArray();
        Assert.Equal(mapped.Order(), operations.Select(o => o.Name).Where(n => n.Contains("/v1/", StringComparison.Ordinal)).Order());
        Assert.DoesNotContain(operations, o => o.Name.Contains("dashboard", StringComparison.Ordinal));
        Assert.All(operations, o => Assert.NotEmpty(o.Value.GetProperty("summary").GetString()!));
        foreach (var (_, operation) in operations.Where(o => o.Value.TryGetProperty("requestBody", out _)))
        {
            Assert.True(operation.GetProperty("requestBody").GetProperty("content").EnumerateObject().First().Value.TryGetProperty("example", out _));
            Assert.All(["400", "401", "403", "413", "415", "503"], status =>
                Assert.True(operation.GetProperty("responses").GetProperty(status).GetProperty("content").TryGetProperty("application/problem+json", out _)));
        }
        var schemas = document.GetProperty("components").GetProperty("schemas");
        Assert.Equal(["scene", "userId"], schemas.GetProperty("RecommendRequest").GetProperty("required").EnumerateArray().Select(r => r.GetString()).Order());
        var time = schemas.GetProperty("UserEvent").GetProperty("properties").GetProperty("timestamp");
        Assert.Contains("string", time.GetProperty("type").ToString());
        Assert.Equal("date-time", time.GetProperty("format").GetString());
        Assert.True(schemas.GetProperty("RecommendAnswer").GetProperty("properties").TryGetProperty("degraded", out _));
    }

    [Fact]
    public async Task The_page_of_the_documentation_needs_nothing_from_the_internet()
    {
        await using var host = await ApiHost.StartAsync();

        var page = (await host.SendAsync("GET", "/docs/")).Body;

        Assert.DoesNotContain("http://", page);
        Assert.DoesNotContain("https://", page);
        Assert.Equal(200, (await host.SendAsync("GET", "/docs/scalar.js")).Status);
    }

    [Fact]
    public async Task Requests_beyond_the_queue_are_answered_503_at_once()
    {
        await using var host = await ApiHost.StartAsync(("Kg:Http:ConcurrentRequests", "1"), ("Kg:Http:QueuedRequests", "0"));
        var entered = new TaskCompletionSource();
        using var leave = new ManualResetEventSlim();
        host.Cluster.Recommend = command =>
        {
            entered.TrySetResult();
            leave.Wait();
            return new(Grains.Interfaces.RecommendStatus.Ok, null, new(), null);
        };
        var first = host.SendAsync("POST", "/v1/recommend", """{"userId":"u1","scene":"feed"}""");
        await entered.Task;

        var second = await host.SendAsync("GET", "/v1/scenes");
        var probe = await host.SendAsync("GET", "/health/live");
        leave.Set();

        second.AssertProblem(503);
        Assert.Equal("1", second.RetryAfter);
        Assert.Equal(200, probe.Status);
        Assert.Equal(200, (await first).Status);
    }

    [Fact]
    public async Task Settings_out_of_range_are_all_named()
    {
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(
            () => ApiHost.StartAsync(("Kg:Http:ConcurrentRequests", "0"), ("Kg:Http:RequestTimeoutSeconds", "601")));

        Assert.Equal(2, refused.Failures.Count());
        Assert.NotNull(StartRefusal.Describe(refused));
    }

    [Fact]
    public void Defaults_are_as_documented()
    {
        var options = new HttpOptions();

        Assert.Equal((64, 512, 64, 30), (options.ConcurrentRequests, options.QueuedRequests, options.ConcurrentUploadBatches, options.RequestTimeoutSeconds));
        Assert.Equal(4_096, options.MaxConnections);
        Assert.Empty(options.AllowedOrigins);
        Assert.Equal("http://127.0.0.1:8080", ListenAddresses.Default);
    }

    [Fact]
    public void The_demo_is_a_flag_and_its_settings_give_way_to_the_callers()
    {
        Assert.True(DemoMode.IsAsked(["--demo", "--Kg:Data:Path=/x"], out var settings));
        var builder = WebApplication.CreateBuilder(settings);

        builder.AddDemo();

        Assert.Equal("/x", builder.Configuration["Kg:Data:Path"]);
        Assert.Equal("demo-1", builder.Configuration["Kg:Catalogue:WorldId"]);
        Assert.False(DemoMode.IsAsked(["--Kg:Data:Path=/x"], out _));
    }
}
