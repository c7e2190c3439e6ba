using System.Text.Json.Nodes;

namespace KgOrleans.Chaos.Tests;

/// <summary>An item as it was served.</summary>
/// <param name="Document">The item.</param>
/// <param name="Channels">Recall channels that found it.</param>
internal sealed record ServedWork(JsonObject Document, string[] Channels)
{
    public string? this[string field] => (string?)Document[field];
}

/// <summary>Follows chains of pages of one scene as a caller does, and holds what is served against the scene's document and the items' own.</summary>
internal sealed class ServedPages(NodeProcess node, string scene, JsonObject document)
{
    private readonly Dictionary<string, JsonObject> _items = [];

    public static async Task<ServedPages> OfAsync(NodeProcess node, string scene) =>
        new(node, scene, (JsonObject)JsonNode.Parse(await node.Http.GetStringAsync($"/v1/scenes/{scene}"))!["document"]!);

    public JsonObject Document => document;

    /// <summary>Pages on which a rule gave way.</summary>
    public int Relaxed { get; private set; }

    /// <summary>Pages on which each rule gave way, by its name.</summary>
    public Dictionary<string, int> RelaxedBy { get; } = [];

    /// <summary>
    /// Items of a user's next pages, in the order served; fewer when the chain ends. Asserts every rule, also across pages, and every minimum share, unless the
    /// answer says that it gave way.
    /// </summary>
    public async Task<List<ServedWork>> FollowAsync(string user, int pages, int pageSize)
    {
        var served = new List<ServedWork>();
        string? token = null;
        for (var page = 0; page < pages; page++)
        {
            var answer = await node.PostAsync(
                "/v1/recommend", new { userId = user, scene, pageSize, pageToken = token, dryRun = true, explain = true, timeoutMs = 20_000 });
            var relaxed = (JsonObject)answer["funnel"]!["relaxedRules"]!;
            Relaxed += relaxed.Count > 0 ? 1 : 0;
            foreach (var (rule, _) in relaxed)
                RelaxedBy[rule] = RelaxedBy.GetValueOrDefault(rule) + 1;
            var first = served.Count;
            foreach (var item in (JsonArray)answer["items"]!)
            {
                served.Add(new ServedWork(await WorkAsync((string)item!["itemId"]!), [.. ((JsonArray)item["channels"]!).Select(c => (string)c!)]));
                foreach (var rule in (JsonArray)document["reRank"]!["rules"]!)
                    AssertHolds(served, (JsonObject)rule!, relaxed, user);
            }
            foreach (var share in (JsonArray)document["reRank"]!["shares"]!)
                AssertShare(served.GetRange(first, served.Count - first), (JsonObject)share!, relaxed, user);
            token = (string?)answer["nextPageToken"];
            if (token is null)
                break;
        }
        Assert.Equal(served.Count, served.Select(w => w["itemId"]).Distinct().Count());
        Assert.DoesNotContain(served, w => w["creatorId"] == user || (bool?)w.Document["hidden"] == true);
        return served;
    }

    private static void AssertHolds(List<ServedWork> served, JsonObject rule, JsonObject relaxed, string user)
    {
        var field = (string?)rule["field"] ?? throw new NotSupportedException("rules by filter are held against items by FunnelPropertyTests");
        if (relaxed.Any(r => r.Key.Contains(field, StringComparison.Ordinal)))
            return;
        var last = served[^1][field];
        var same = served.TakeLast((int)rule["in"]!).Count(w => last is not null && w[field] == last);
        Assert.True(last is null || same <= (int)rule["max"]!, $"user {user}: {same} of the last {rule["in"]} items have {field} {last}");
    }

    // A block that the page's end cuts short is owed its part, rounded down.
    private static void AssertShare(List<ServedWork> page, JsonObject share, JsonObject relaxed, string user)
    {
        var (channel, min, length) = ((string)share["channel"]!, (int)share["min"]!, (int)share["in"]!);
        var missing = page.Chunk(length).Sum(block => Math.Max(0, (min * block.Length / length) - block.Count(w => w.Channels.Contains(channel))));
        var told = (int?)relaxed[$"min {min} of {channel} in {length}"] ?? 0;
        Assert.True(missing == told, $"user {user}: {missing} items of {channel} are missing, the answer says {told}");
    }

    private async Task<JsonObject> WorkAsync(string id)
    {
        if (!_items.TryGetValue(id, out var item))
            _items.Add(id, item = (JsonObject)JsonNode.Parse(await node.Http.GetStringAsync($"/v1/items/{id}"))!);
        return item;
    }
}
