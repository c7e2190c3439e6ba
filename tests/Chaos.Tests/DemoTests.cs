using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace KgOrleans.Chaos.Tests;

/// <summary>The first thing that a newcomer runs, as they run it: the demo, the printed request, events, a kill, a second start.</summary>
[Trait("Suite", "Chaos")]
public sealed partial class DemoTests
{
    private const string Ready = "Press Ctrl-C to stop";

    [Fact]
    public async Task The_demo_serves_what_the_README_promises()
    {
        var data = Path.Combine(Path.GetTempPath(), "kg-demo-" + Guid.NewGuid().ToString("N"));
        try
        {
            string seen, user;
            await using (var node = await NodeProcess.StartAsync(data, Ready, "--demo"))
            {
                user = PrintedUser().Match(node.Output).Groups[1].Value;
                await AssertFullPageAsync(node, user);
                var answers = await PairAsync(node, user);
                Assert.Equal(answers[0].ToJsonString(), answers[1].ToJsonString());
                Assert.Equal(await TokenAsync(node, user), await TokenAsync(node, user));

                seen = (string)answers[0][0]!["itemId"]!;
                await node.PostAsync("/v1/events", new { events = new[] { new { userId = user, itemId = seen, type = "impression" } } });
                Assert.DoesNotContain(await DryAsync(node, user), i => (string?)i!["itemId"] == seen);
                await AssertPlaysRaiseTheirTagAsync(node, user);
                await node.KillAsync();
            }
            await using (var node = await NodeProcess.StartAsync(data, Ready, "--demo"))
            {
                Assert.DoesNotContain("making the demo world", node.Output);
                Assert.DoesNotContain(await DryAsync(node, user), i => (string?)i!["itemId"] == seen);
                Assert.Equal(0, await node.InterruptAsync());
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static async Task AssertFullPageAsync(NodeProcess node, string user)
    {
        var answer = await node.PostAsync("/v1/recommend", new { userId = user, scene = "feed", pageSize = 10, explain = true, timeoutMs = 20_000 });
        Assert.Empty((JsonArray)answer["degraded"]!);
        Assert.Equal(
            ["catalogue", "user", "recall", "merge", "hydrate", "preRank", "fineRank", "reRank"],
            ((JsonArray)answer["funnel"]!["stages"]!).Select(s => (string)s!["stage"]!));
        var items = (JsonArray)answer["items"]!;
        Assert.Equal(10, items.Select(i => (string)i!["itemId"]!).Distinct().Count());
        Assert.Contains(items, i => ((JsonArray)i!["channels"]!).Any(c => (string?)c == "model"));
        string? lastCreator = null, lastSong = null;
        foreach (var item in items)
        {
            var scores = item!["scores"]!;
            Assert.NotEmpty((JsonObject)scores["recall"]!);
            Assert.NotNull(scores["preRank"]);
            Assert.InRange((double)scores["fineRank"]!, 0, 1);
            Assert.InRange((double)scores["final"]!, 0, 1);
            Assert.Equal(3, ((JsonObject)scores["objectives"]!).Count);
            Assert.All((JsonObject)scores["objectives"]!, o => Assert.InRange((double)o.Value!, 0, 1));
            Assert.NotEmpty((JsonArray)item["reasons"]!);
            var document = await ItemAsync(node, (string)item["itemId"]!);
            var (creator, song) = ((string?)document["creatorId"], (string?)document["songId"]);
            Assert.NotEqual(lastCreator, creator);
            Assert.True(song is null || song != lastSong);
            (lastCreator, lastSong) = (creator, song);
        }
    }

    private static async Task AssertPlaysRaiseTheirTagAsync(NodeProcess node, string user)
    {
        const string tag = "duet";
        var pool = (await SearchAsync(node, user, tag)).TakeLast(5).Select(i => (string)i!["itemId"]!).ToArray();
        var probe = (await SearchAsync(node, user, tag)).Where(i => !pool.Contains((string)i!["itemId"]!)).ToDictionary(i => (string)i!["itemId"]!, i => i!);
        var answer = await node.PostAsync(
            "/v1/events", new { events = pool.Select(id => new { userId = user, itemId = id, type = "play", value = 1.0 }).ToArray() });
        Assert.Equal(5, (int)answer["accepted"]!);
        var after = (await SearchAsync(node, user, tag)).ToDictionary(i => (string)i!["itemId"]!, i => i!);

        var both = probe.Keys.Intersect(after.Keys).ToArray();
        Assert.True(both.Length >= 5, $"only {both.Length} items of {tag} are in both pages");
        double Mean(Dictionary<string, JsonNode> page) => both.Average(id => (double?)page[id]["scores"]!["recall"]!["index"] ?? 0);
        Assert.True(Mean(after) > Mean(probe), $"{tag}: {Mean(after)} is not above {Mean(probe)}");
    }

    /// <summary>Two answers to one question, as of one time and with no event counted between them: popularity goes on catching up after the start.</summary>
    private static async Task<JsonArray[]> PairAsync(NodeProcess node, string user)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            limit.Token.ThrowIfCancellationRequested();
            var question = new { userId = user, scene = "feed", pageSize = 10, dryRun = true, explain = true, timeoutMs = 20_000, now = DateTimeOffset.UtcNow };
            var before = await CountedAsync(node);
            JsonArray[] answers = [await node.PageAsync(question), await node.PageAsync(question)];
            if (before == await CountedAsync(node))
                return answers;
        }
    }

    private static async Task<string> CountedAsync(NodeProcess node) =>
        string.Join(' ', ((JsonArray)JsonNode.Parse(await node.Http.GetStringAsync("/v1/cluster"))!["shards"]!).Select(s => (long)s!["counterEpoch"]!));

    /// <summary>The best items of one tag.</summary>
    private static Task<JsonArray> SearchAsync(NodeProcess node, string user, string tag) =>
        node.PageAsync(new { userId = user, scene = "feed", timeoutMs = 20_000, pageSize = 100, dryRun = true, filter = new { field = "tags", eq = tag } });

    private static Task<JsonArray> DryAsync(NodeProcess node, string user) =>
        node.PageAsync(new { userId = user, scene = "feed", timeoutMs = 20_000, pageSize = 10, dryRun = true, explain = true });

    private static async Task<string?> TokenAsync(NodeProcess node, string user) =>
        (string?)(await node.PostAsync(
            "/v1/recommend", new { userId = user, scene = "feed", timeoutMs = 20_000, dryRun = true, now = "2026-11-20T12:00:30Z" }))["nextPageToken"];

    private static async Task<JsonNode> ItemAsync(NodeProcess node, string id) => JsonNode.Parse(await node.Http.GetStringAsync($"/v1/items/{id}"))!;

    [GeneratedRegex("\"userId\":\"([^\"]+)\"")]
    private static partial Regex PrintedUser();
}
