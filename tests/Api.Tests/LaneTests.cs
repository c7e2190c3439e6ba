using KgOrleans.Api.Documents;
using KgOrleans.Api.Hosting;
using KgOrleans.Api.Lanes;
using KgOrleans.Api.Tests.Fakes;
using KgOrleans.Grains.Interfaces;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KgOrleans.Api.Tests;

/// <summary>Every test leaves one place in each lane: whoever holds it shuts out the others of that lane, and only those.</summary>
[Trait("Suite", "Unit")]
public sealed class LaneTests
{
    private const string Page = """{"userId":"u1","scene":"feed"}""";
    private const string Event = """{"events":[{"userId":"u1","itemId":"i1","type":"like"}]}""";

    private static readonly (string, string)[] OneAtOnce =
        [("Kg:Http:ConcurrentRequests", "1"), ("Kg:Http:QueuedRequests", "0"), ("Kg:Http:ConcurrentUploadBatches", "1")];

    [Theory]
    [InlineData("POST", "/v1/recommend", "application/json")]
    [InlineData("POST", "/v1/events", "application/json")]
    [InlineData("POST", "/v1/events/", "application/json")]
    [InlineData("PUT", "/v1/items/i1", "application/json")]
    [InlineData("PATCH", "/v1/items/i1", "application/merge-patch+json")]
    [InlineData("PUT", "/v1/users/u1", "application/json")]
    [InlineData("PUT", "/v1/scenes/feed", "application/json")]
    [InlineData("POST", "/v1/items", "application/json")]
    [InlineData("POST", "/v1/items", "application/x-ndjson")]
    [InlineData("POST", "/v1/items/", "application/x-ndjson")]
    [InlineData("POST", "/v1/users/", "application/x-ndjson")]
    public async Task Bodies_that_do_not_arrive_take_nobodys_place(string method, string path, string mediaType)
    {
        await using var host = await ApiHost.StartAsync(OneAtOnce);
        using var first = await RawConnection.StallAsync(host.Address, method, path, mediaType);
        using var second = await RawConnection.StallAsync(host.Address, method, path, mediaType);
        using var third = await RawConnection.StallAsync(host.Address, method, path, mediaType, "Content-Encoding: gzip\r\n");

        await AssertAllAnswerAsync(host);
    }

    [Fact]
    public async Task Forty_uploads_that_trickle_do_not_hold_the_next_one_back()
    {
        await using var host = await ApiHost.StartAsync(OneAtOnce);
        var trickling = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(_ => RawConnection.StallAsync(host.Address, "POST", "/v1/items", "application/x-ndjson")));
        await Task.WhenAll(trickling.Select(t => t.SendAsync("""{"itemId":"slow",""").AsTask()));

        Assert.Equal(200, (await host.SendAsync("POST", "/v1/items", """{"itemId":"i1","creatorId":"c","kind":"audio"}""", "application/x-ndjson")).Status);

        Assert.All(trickling, t => t.Dispose());
    }

    [Fact]
    public async Task An_answer_that_nobody_reads_keeps_no_place()
    {
        await using var host = await ApiHost.StartAsync(OneAtOnce);
        host.Cluster.Items["big"] = (new byte[64 << 20], 1);
        using var slow = await RawConnection.OpenAsync(host.Address);
        await slow.SendAsync($"GET /v1/items/big HTTP/1.1\r\nHost: {host.Address.Authority}\r\n\r\n");

        Assert.Equal(200, await slow.ReadStatusAsync());

        await AssertAllAnswerAsync(host);
    }

    [Fact]
    public async Task Streams_of_the_dashboard_take_places_of_their_own()
    {
        await using var host = await ApiHost.StartAsync(OneAtOnce);
        var traces = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => TraceAsync(host)));

        await AssertAllAnswerAsync(host);
        Assert.NotEqual(503, (await host.SendAsync("GET", "/dashboard/version")).Status);

        Assert.Equal([(200, 8), (503, 4)], traces.GroupBy(t => t.Status).Select(g => (g.Key, g.Count())).Order());
        Assert.All(traces, t => t.Connection.Dispose());
    }

    [Fact]
    public async Task Exports_take_places_of_their_own_and_few()
    {
        await using var host = await ApiHost.StartAsync(OneAtOnce);
        var answer = new TaskCompletionSource();
        host.Cluster.ExportsAnswer = answer.Task;
        // Two read, eight wait, two are too many.
        var exports = Enumerable.Range(0, 12).Select(_ => host.SendAsync("GET", "/v1/export/items")).ToArray();
        Assert.Equal(503, (await await Task.WhenAny(exports)).Status);
        await AssertAllAnswerAsync(host);
        answer.SetResult();
        Assert.Equal([(200, 10), (503, 2)], (await Task.WhenAll(exports)).GroupBy(e => e.Status).Select(g => (g.Key, g.Count())).Order());
    }

    [Fact]
    public async Task Writes_that_wait_for_a_store_take_no_readers_place()
    {
        await using var host = await ApiHost.StartAsync(OneAtOnce);
        var answer = new TaskCompletionSource();
        host.Cluster.UsersAnswer = answer.Task;
        var write = host.SendAsync("POST", "/v1/events", Event);
        await host.Cluster.UserCalled.Task;
        (await host.SendAsync("PUT", "/v1/items/i1", """{"creatorId":"c","kind":"audio"}""")).AssertProblem(503);

        Assert.Equal(200, (await host.SendAsync("POST", "/v1/recommend", Page)).Status);
        Assert.Equal(200, (await host.SendAsync("GET", "/v1/scenes")).Status);

        answer.SetResult();
        Assert.Equal(200, (await write).Status);
    }

    [Fact]
    public async Task Connections_are_limited()
    {
        await using var host = await ApiHost.StartAsync(("Kg:Http:MaxConnections", "16"));
        var connections = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => RawConnection.OpenAsync(host.Address)));

        var statuses = await Task.WhenAll(connections.Select(async connection =>
        {
            try
            {
                await connection.SendAsync($"GET /health/live HTTP/1.1\r\nHost: {host.Address.Authority}\r\n\r\n");
            }
            catch (IOException)
            {
                return 0;
            }
            return await connection.ReadStatusAsync();
        }));

        Assert.Equal([(0, 4), (200, 16)], statuses.GroupBy(s => s).Select(g => (g.Key, g.Count())).Order());
        Assert.All(connections, c => c.Dispose());
    }

    [Fact]
    public async Task Bodies_and_answers_have_a_least_rate()
    {
        await using var host = await ApiHost.StartAsync();

        var limits = host.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.Equal((1_024, 5), (limits.MinRequestBodyDataRate!.BytesPerSecond, limits.MinRequestBodyDataRate.GracePeriod.TotalSeconds));
        Assert.Equal((1_024, 5), (limits.MinResponseDataRate!.BytesPerSecond, limits.MinResponseDataRate.GracePeriod.TotalSeconds));
    }

    [Fact]
    public async Task Uploads_that_hold_much_together_send_what_they_have()
    {
        using var turns = new UploadTurns(Options.Create(new HttpOptions()));
        var batches = new List<int>();
        await using var upload = new BulkUpload(lanes: 1, batchSize: 1_000, Write, new BulkOutcome(), turns);

        await upload.AddAsync(0, new BulkDocument(1, "a", new byte[10]), default);
        Assert.Empty(batches);
        turns.Hold(64 << 20);
        await upload.AddAsync(0, new BulkDocument(2, "b", new byte[10]), default);

        Assert.Equal([2], batches);

        Task<WriteResult[]> Write(int lane, BulkDocument[] batch, CancellationToken cancellationToken)
        {
            batches.Add(batch.Length);
            return Task.FromResult(Array.ConvertAll(batch, _ => new WriteResult(WriteStatus.Created, 1, [])));
        }
    }

    private static async Task AssertAllAnswerAsync(ApiHost host)
    {
        Assert.Equal(200, (await host.SendAsync("POST", "/v1/recommend", Page)).Status);
        Assert.Equal(200, (await host.SendAsync("GET", "/v1/scenes")).Status);
        Assert.Equal(200, (await host.SendAsync("POST", "/v1/events", Event)).Status);
        Assert.Equal(200, (await host.SendAsync("POST", "/v1/users", """[{"userId":"u1"}]""")).Status);
    }

    private static async Task<(int Status, RawConnection Connection)> TraceAsync(ApiHost host)
    {
        var connection = await RawConnection.OpenAsync(host.Address);
        await connection.SendAsync($"GET /dashboard/Trace HTTP/1.1\r\nHost: {host.Address.Authority}\r\n\r\n");
        return (await connection.ReadStatusAsync(), connection);
    }
}
