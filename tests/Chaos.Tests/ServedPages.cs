using System.Text.Json.Nodes;

namespace KgOrleans.Chaos.Tests;

/// <summary>Follows chains of pages of one scene as a caller does, and holds what is served against the scene's document and the works' own.</summary>
internal sealed class ServedPages(NodeProcess node, string scene, JsonObject document)
{
    private readonly Dictionary<string, JsonObject> _works = [];

    public static async Task<ServedPages> OfAsync(NodeProcess node, string scene) =>
        new(node, scene, (JsonObject)JsonNode.Parse(await node.Http.GetStringAsync($"/v1/scenes/{scene}"))!["document"]!);

    public JsonObject Document => document;

    /// <summary>Pages on which a rule gave way.</summary>
    public int Relaxed { get; private set; }

    /// <summary>Works of a user's next pages, in the order served; fewer when the chain ends. Asserts every rule, also across pages, unless the answer says that it gave way.</summary>
    public async Task<List<JsonObject>> FollowAsync(string user, int pages, int pageSize)
    {
        var served = new List<JsonObject>();
        string? token = null;
        for (var page = 0; page < pages; page++)
        {
            var answer = await node.PostAsync("/v1/recommend", new { userId = user, scene, pageSize, pageToken = token, dryRun = true, explain = true, timeoutMs = 20_000 });
            var relaxed = (JsonObject)answer["funnel"]!["relaxedRules"]!;
            Relaxed += relaxed.Count > 0 ? 1 : 0;
            foreach (var item in (JsonArray)answer["items"]!)
            {
                served.Add(await WorkAsync((string)item!["itemId"]!));
                foreach (var rule in (JsonArray)document["reRank"]!["rules"]!)
                    AssertHolds(served, (JsonObject)rule!, relaxed, user);
            }
            token = (string?)answer["nextPageToken"];
            if (token is null)
                break;
        }
        Assert.Equal(served.Count, served.Select(w => (string)w["itemId"]!).Distinct().Count());
        Assert.DoesNotContain(served, w => (string)w["creatorId"]! == user || (bool?)w["hidden"] == true);
        return served;
    }

    private static void AssertHolds(List<JsonObject> served, JsonObject rule, JsonObject relaxed, string user)
    {
        if (rule["field"] is not { } field || relaxed.Any(r => r.Key.Contains((string)field!, StringComparison.Ordinal)))
            return;
        var last = served[^1][(string)field!]?.ToJsonString();
        var same = served.TakeLast((int)rule["in"]!).Count(w => last is not null && w[(string)field!]?.ToJsonString() == last);
        Assert.True(last is null || same <= (int)rule["max"]!, $"user {user}: {same} of the last {rule["in"]} works have {field} {last}");
    }

    private async Task<JsonObject> WorkAsync(string id)
    {
        if (!_works.TryGetValue(id, out var work))
            _works.Add(id, work = (JsonObject)JsonNode.Parse(await node.Http.GetStringAsync($"/v1/items/{id}"))!);
        return work;
    }
}
