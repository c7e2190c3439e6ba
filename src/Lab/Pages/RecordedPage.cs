using System.Text.Json;
using System.Text.Json.Nodes;
using KgOrleans.Client;

namespace KgOrleans.Lab.Pages;

/// <summary>One page: what must be equal in two versions of the service. Ids, times and the funnel's counts are left out.</summary>
internal sealed record RecordedPage
{
    // Numbers stay as the service wrote them: the shortest text that reads back as the same double.
    private static readonly string[] ItemMembers = ["itemId", "position", "channels", "scores", "reasons", "placement"];

    /// <summary>The user.</summary>
    public required string User { get; init; }

    /// <summary>The scene.</summary>
    public required string Scene { get; init; }

    /// <summary>Number of the page in its chain, from 1.</summary>
    public required int Page { get; init; }

    /// <summary>Version of the model bundle.</summary>
    public string? ModelVersion { get; init; }

    /// <summary>Version of the scene.</summary>
    public int SceneVersion { get; init; }

    /// <summary>Whether a page follows.</summary>
    public bool HasNext { get; init; }

    /// <summary>Stage and reason of each degradation.</summary>
    public IReadOnlyList<string> Degraded { get; init; } = [];

    /// <summary>The items, each with the members that ranking decides.</summary>
    public required JsonElement Items { get; init; }

    /// <summary>The page of an answer.</summary>
    /// <param name="user">The user.</param>
    /// <param name="scene">The scene.</param>
    /// <param name="page">Number of the page, from 1.</param>
    /// <param name="json">The answer as it came.</param>
    /// <param name="reply">The answer as read.</param>
    public static RecordedPage Of(string user, string scene, int page, string json, RecommendReply reply)
    {
        var items = new JsonArray();
        foreach (var item in JsonElement.Parse(json).GetProperty("items").EnumerateArray())
        {
            var kept = new JsonObject();
            foreach (var name in ItemMembers)
            {
                if (item.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null)
                    kept[name] = JsonNode.Parse(value.GetRawText());
            }
            items.Add((JsonNode)kept);
        }
        return new RecordedPage
        {
            User = user,
            Scene = scene,
            Page = page,
            ModelVersion = reply.ModelVersion,
            SceneVersion = reply.SceneVersion,
            HasNext = reply.NextPageToken is not null,
            Degraded = [.. reply.Degraded.Select(d => $"{d.Stage}: {d.Reason}")],
            Items = JsonElement.Parse(items.ToJsonString()),
        };
    }
}
