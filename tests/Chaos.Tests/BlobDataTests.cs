using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Azure.Storage.Blobs;
using KgOrleans.TestSupport;

namespace KgOrleans.Chaos.Tests;

/// <summary>A real node whose logs and states are in a blob service: configured by environment alone, killed, moved, and cut off from the service.</summary>
[Trait("Suite", "Chaos")]
public sealed class BlobDataTests
{
    private const int Items = 40;

    public BlobDataTests() => Assert.SkipWhen(AzuriteServer.Missing is not null, AzuriteServer.Missing ?? "");

    [Fact]
    public async Task A_node_that_is_killed_is_found_whole_by_one_in_another_place_and_outages_need_no_restart()
    {
        await using var azurite = await AzuriteServer.StartAsync();
        string[] data = [NewData(), NewData()];
        try
        {
            await using (var node = await NodeProcess.StartAsync(data[0], Over(azurite.ConnectionString)))
            {
                var items = Enumerable.Range(0, Items).Select(i => new { itemId = $"w{i}", kind = "audio", creatorId = $"c{i}" });
                Assert.Equal(Items, (int)(await node.PostAsync("/v1/items", items))["accepted"]!);
                await SendAsync(node, 1, HttpStatusCode.OK);
                await azurite.StopAsync();

                using (var refused = await PutAsync(node, "w100"))
                    AssertUnavailable(refused);
                using (var refused = await SendAsync(node, 2, HttpStatusCode.ServiceUnavailable))
                    AssertUnavailable(refused);
                Assert.Equal(Items - 1, (await PageAsync(node)).Count);
                // A page needs no document, but a document is in the log alone.
                using (var document = await node.Http.GetAsync("/v1/items/w1"))
                    AssertUnavailable(document);

                await azurite.RestartAsync();
                Assert.Equal(HttpStatusCode.OK, (await node.Http.GetAsync("/v1/items/w1")).StatusCode);
                await UntilAsync(async () => (await PutAsync(node, "w100")).StatusCode == HttpStatusCode.Created);
                await UntilAsync(async () => (await node.Http.PostAsJsonAsync("/v1/events", Play(2))).StatusCode == HttpStatusCode.OK);
                await node.KillAsync();
            }
            // Nothing of the first directory is needed: states are in the account too.
            await using (var node = await NodeProcess.StartAsync(data[1], Over(azurite.ConnectionString)))
            {
                Assert.Equal(Items + 1 - 2, (await PageAsync(node)).Count);
                Assert.Equal("w100", (string)JsonNode.Parse(await node.Http.GetStringAsync("/v1/items/w100"))!["itemId"]!);
                var user = JsonNode.Parse(await node.Http.GetStringAsync("/v1/users/u1"))!;
                Assert.Equal(["w2", "w1"], ((JsonArray)user["history"]!).Select(h => (string)h!["itemId"]!));
            }
        }
        finally
        {
            foreach (var directory in data.Where(Directory.Exists))
                Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task A_start_that_cannot_have_its_container_says_why_in_one_line()
    {
        await using var azurite = await AzuriteServer.StartAsync();
        var data = NewData();
        try
        {
            const string Key = "d3JvbmcgYnV0IGxvbmcgZW5vdWdoIHRvIGJlIGEga2V5";
            var right = azurite.ConnectionString.Split(';').Single(part => part.StartsWith("AccountKey=", StringComparison.Ordinal));
            var wrong = azurite.ConnectionString.Replace(right, "AccountKey=" + Key, StringComparison.Ordinal);
            await AssertRefusedAsync(
                Over(wrong), $"The log store cannot open container 'kg-data' at 127.0.0.1:{azurite.Port}: AuthorizationFailure (status 403).");

            var container = new BlobServiceClient(azurite.ConnectionString).GetBlobContainerClient("kg-data");
            await container.CreateAsync(metadata: new Dictionary<string, string> { ["kgserviceid"] = "theirs" });
            await AssertRefusedAsync(
                Over(azurite.ConnectionString),
                "Container 'kg-data' belongs to service 'theirs', this is 'kg'. Name another Kg:Data:Blobs:Container, or the same Orleans:ServiceId.");

            await AssertRefusedAsync(
                new(Over(azurite.ConnectionString)) { ["Kg__Data__Blobs__Service"] = "nope" },
                "Kg:Data:Blobs:Service is 'nope', but there is no Kg:BlobServices:nope");
        }
        finally
        {
            if (Directory.Exists(data))
                Directory.Delete(data, recursive: true);
        }

        async Task AssertRefusedAsync(Dictionary<string, string> settings, string reason)
        {
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => NodeProcess.StartAsync(data, settings));
            Assert.EndsWith($"The service did not start:\n  {reason}", refused.Message, StringComparison.Ordinal);
        }
    }

    private static string NewData() => Path.Combine(Path.GetTempPath(), "kg-blobdata-" + Guid.NewGuid().ToString("N"));

    private static Dictionary<string, string> Over(string connectionString) => new()
    {
        ["Kg__Data__Logs"] = "blobs",
        ["Kg__Data__Blobs__Service"] = "store",
        ["Kg__BlobServices__store__ConnectionString"] = connectionString,
        ["Orleans__GrainStorage__Default__ProviderType"] = "AzureBlobStorage",
        ["Orleans__GrainStorage__Default__ServiceKey"] = "store",
    };

    private static object Play(int i) => new { events = new[] { new { eventId = $"e{i}", userId = "u1", itemId = $"w{i}", type = "play", value = 1.0 } } };

    private static Task<HttpResponseMessage> PutAsync(NodeProcess node, string item) =>
        node.Http.PutAsJsonAsync($"/v1/items/{item}", new { kind = "audio", creatorId = "c1" });

    private static async Task<HttpResponseMessage> SendAsync(NodeProcess node, int i, HttpStatusCode expected)
    {
        var answer = await node.Http.PostAsJsonAsync("/v1/events", Play(i));
        Assert.True(answer.StatusCode == expected, $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync()}\n{node.Output}");
        return answer;
    }

    private static void AssertUnavailable(HttpResponseMessage answer) =>
        Assert.True(
            answer.StatusCode == HttpStatusCode.ServiceUnavailable && answer.Headers.RetryAfter?.Delta > TimeSpan.Zero,
            $"{answer.StatusCode} {answer.Headers.RetryAfter}");

    private static Task<JsonArray> PageAsync(NodeProcess node) =>
        node.PageAsync(new { userId = "u1", scene = "feed", pageSize = 100, dryRun = true, timeoutMs = 20_000 });

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!await condition())
            await Task.Delay(50, limit.Token);
    }
}
