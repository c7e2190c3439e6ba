using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using KgOrleans.TestSupport;

namespace KgOrleans.Chaos.Tests;

/// <summary>A real node over a real blob service: configured by environment alone, killed, and cut off from its store in every way.</summary>
[Trait("Suite", "Chaos")]
public sealed class StateStoreTests
{
    private const int Items = 60;
    private const string User = "u1";

    // Far above the node's own limit, far below giving up: what takes longer hangs.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public StateStoreTests() => Assert.SkipWhen(AzuriteServer.Missing is not null, AzuriteServer.Missing ?? "");

    [Fact]
    public async Task A_node_configured_by_environment_finds_its_history_in_Azure_after_a_kill()
    {
        await using var azurite = await AzuriteServer.StartAsync();
        var data = NewData();
        try
        {
            await RefusedOnForeignContainerAsync(azurite, data);
            await using (var node = await NodeProcess.StartAsync(data, Over(azurite.ConnectionString)))
            {
                await FillAsync(node);
                for (var i = 0; i < 5; i++)
                    await node.PostAsync("/v1/events", Play(i));
                await node.KillAsync();
            }
            var container = new BlobServiceClient(azurite.ConnectionString).GetBlobContainerClient("grainstate");
            var blobs = new List<string>();
            await foreach (var blob in container.GetBlobsAsync())
                blobs.Add(blob.Name);
            Assert.Equal([$"user-user/{User}.json"], blobs);
            await using (var node = await NodeProcess.StartAsync(data, Over(azurite.ConnectionString)))
                Assert.Equal(["w4", "w3", "w2", "w1", "w0"], await HistoryAsync(node));
            Assert.False(File.Exists(Path.Combine(data, "state", "grains.db")));

            var stranger = Over(azurite.ConnectionString);
            stranger["Orleans__ServiceId"] = "other";
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => NodeProcess.StartAsync(data, stranger));
            Assert.Contains("belongs to service 'kg', this is 'other'", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task While_the_store_is_away_events_are_refused_in_time_pages_go_on_and_nothing_acknowledged_is_lost()
    {
        await using var azurite = await AzuriteServer.StartAsync();
        await using var proxy = new FaultyProxy(azurite.Port);
        var settings = Over(AzuriteServer.ConnectionStringThrough(proxy.Port));
        settings["Kg__UserState__WriteTimeoutMs"] = "1000";
        var data = NewData();
        var acknowledged = new List<string>();
        try
        {
            await using (var node = await NodeProcess.StartAsync(data, settings))
            {
                await FillAsync(node);
                var next = 0;
                await AcknowledgeAsync(node, next++, acknowledged);
                foreach (var fault in (string[])["stopped", "ServerError", "Delay", "Cut", "LoseAnswers"])
                {
                    await BreakAsync(fault);
                    var refused = await RefusedAsync(node, next, fault);
                    await AssertPageAsync(node, acknowledged, fault);
                    // Nobody knows what a user who is not in memory has seen.
                    var stranger = new { userId = "stranger-" + fault, scene = "feed", dryRun = true };
                    using (var page = await node.Http.PostAsJsonAsync("/v1/recommend", stranger))
                        Assert.True(page.StatusCode == HttpStatusCode.ServiceUnavailable, $"{fault}: {page.StatusCode}");
                    await MendAsync(fault);
                    await ServedAsync(node, stranger);
                    // The refused event is sent again until it is taken: it counts once, whatever became of the first try.
                    await AcknowledgeAsync(node, next++, acknowledged);
                    await AcknowledgeAsync(node, next++, acknowledged);
                    Assert.True(refused < Patience, $"{fault}: refused after {refused}");
                }
                await AssertPageAsync(node, acknowledged, "all mended");
                Assert.Equal(acknowledged.AsEnumerable().Reverse(), await HistoryAsync(node));
                await node.KillAsync();
            }
            await using (var node = await NodeProcess.StartAsync(data, settings))
            {
                Assert.Equal(acknowledged.AsEnumerable().Reverse(), await HistoryAsync(node));
                await AssertPageAsync(node, acknowledged, "restarted");
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }

        async Task BreakAsync(string fault)
        {
            if (fault == "stopped")
                await azurite.StopAsync();
            else
                proxy.Fault = Enum.Parse<Fault>(fault);
        }

        async Task MendAsync(string fault)
        {
            proxy.Fault = Fault.None;
            if (fault == "stopped")
                await azurite.RestartAsync();
        }
    }

    [Fact]
    public async Task A_state_that_is_no_JSON_is_said_and_left_alone()
    {
        await using var azurite = await AzuriteServer.StartAsync();
        var data = NewData();
        try
        {
            await using var node = await NodeProcess.StartAsync(data, Over(azurite.ConnectionString));
            await FillAsync(node);
            var blob = new BlobServiceClient(azurite.ConnectionString).GetBlobContainerClient("grainstate").GetBlobClient($"user-user/{User}.json");
            await blob.UploadAsync(BinaryData.FromString("{\"version\":"), overwrite: true);
            using (var get = await node.Http.GetAsync($"/v1/users/{User}"))
            {
                Assert.Equal(HttpStatusCode.InternalServerError, get.StatusCode);
                Assert.Contains("cannot be read", await get.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
            var answer = await node.PostAsync("/v1/events", Play(1));
            Assert.Equal("stateUnreadable", (string)answer["rejected"]![0]!["code"]!);
            using (var page = await node.Http.PostAsJsonAsync("/v1/recommend", new { userId = User, scene = "feed", timeoutMs = 20_000 }))
                Assert.Equal(HttpStatusCode.InternalServerError, page.StatusCode);
            Assert.Equal("{\"version\":", (await blob.DownloadContentAsync()).Value.Content.ToString());

            // Mended, it serves without a restart.
            await blob.DeleteAsync();
            Assert.Equal(1, (int)(await node.PostAsync("/v1/events", Play(1)))["accepted"]!);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static string NewData() => Path.Combine(Path.GetTempPath(), "kg-state-" + Guid.NewGuid().ToString("N"));

    private static Dictionary<string, string> Over(string connectionString) => new()
    {
        ["Orleans__GrainStorage__Default__ProviderType"] = "AzureBlobStorage",
        ["Orleans__GrainStorage__Default__ConnectionString"] = connectionString,
    };

    private static object Play(int i) => new { events = new[] { new { eventId = $"e{i}", userId = User, itemId = $"w{i}", type = "play", value = 1.0 } } };

    private static async Task FillAsync(NodeProcess node)
    {
        var items = Enumerable.Range(0, Items).Select(i => new { itemId = $"w{i}", kind = "audio", creatorId = $"c{i}", tags = new[] { "rock" } });
        Assert.Equal(Items, (int)(await node.PostAsync("/v1/items", items))["accepted"]!);
    }

    private static async Task<string[]> HistoryAsync(NodeProcess node)
    {
        var user = JsonNode.Parse(await node.Http.GetStringAsync($"/v1/users/{User}"))!;
        return [.. ((JsonArray)user["history"]!).Select(h => (string)h!["itemId"]!)];
    }

    /// <summary>Sends an event until it is taken, as a client that obeys Retry-After does.</summary>
    private static async Task AcknowledgeAsync(NodeProcess node, int i, List<string> acknowledged)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            using var response = await node.Http.PostAsJsonAsync("/v1/events", Play(i), limit.Token);
            if (response.IsSuccessStatusCode)
            {
                var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(limit.Token))!;
                Assert.Equal(1, (int)answer["accepted"]! + (int)answer["duplicates"]!);
                acknowledged.Add($"w{i}");
                return;
            }
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            await Task.Delay(response.Headers.RetryAfter!.Delta!.Value, limit.Token);
        }
    }

    private static async Task RefusedOnForeignContainerAsync(AzuriteServer azurite, string data)
    {
        var container = new BlobServiceClient(azurite.ConnectionString).GetBlobContainerClient("grainstate");
        await container.CreateAsync();
        await container.GetBlobClient("notes.txt").UploadAsync(BinaryData.FromString("somebody else's"));
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => NodeProcess.StartAsync(data, Over(azurite.ConnectionString)));
        Assert.Contains("holds 'notes.txt', which is no grain state", refused.Message, StringComparison.Ordinal);
        await container.GetBlobClient("notes.txt").DeleteAsync();
    }

    private static async Task ServedAsync(NodeProcess node, object request)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            using var page = await node.Http.PostAsJsonAsync("/v1/recommend", request, limit.Token);
            if (page.IsSuccessStatusCode)
                return;
            Assert.Equal(HttpStatusCode.ServiceUnavailable, page.StatusCode);
            await Task.Delay(page.Headers.RetryAfter!.Delta!.Value, limit.Token);
        }
    }

    private static async Task<TimeSpan> RefusedAsync(NodeProcess node, int i, string fault)
    {
        var clock = Stopwatch.StartNew();
        using var limit = new CancellationTokenSource(Patience);
        using var response = await node.Http.PostAsJsonAsync("/v1/events", Play(i), limit.Token);
        Assert.True(response.StatusCode == HttpStatusCode.ServiceUnavailable, $"{fault}: {response.StatusCode}");
        Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero, fault);
        return clock.Elapsed;
    }

    private static async Task AssertPageAsync(NodeProcess node, List<string> acknowledged, string when)
    {
        var page = await node.PageAsync(new { userId = User, scene = "feed", pageSize = 100, dryRun = true, timeoutMs = 20_000 });
        var ids = page.Select(i => (string)i!["itemId"]!).ToArray();
        Assert.True(ids.Length >= Items - acknowledged.Count - 1, $"{when}: {ids.Length} items");
        Assert.True(!ids.Intersect(acknowledged).Any(), $"{when}: {string.Join(' ', ids.Intersect(acknowledged))} came back");
    }
}
