using System.Text.Json;
using System.Text.Json.Nodes;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Ranking.Tests.Scenes;

/// <summary>Valid scene documents: one with every optional member, and random ones.</summary>
internal static class SampleScenes
{
    private static readonly string[] Filters =
    [
        """{"field":"kind","in":["video","live"]}""",
        """{"all":[{"field":"quality","gte":0.5},{"not":{"field":"tags","eq":"rock"}}]}""",
        """{"any":[{"field":"ageDays","lt":7},{"field":"publishedAt","gte":"2026-01-31T12:00:00Z"}]}""",
        """{"field":"creatorId","in":["c1","c2"]}""",
    ];

    /// <summary>A document in which every member is there.</summary>
    public static SceneDocument Full { get; } = new()
    {
        Scene = "full",
        Description = "Everything at once.",
        Discovery = new() { Kinds = [ItemKind.Audio, ItemKind.Video], MinQuality = 0.1, Filter = Filter(1), CreatorCap = 4, ColdStart = new() },
        Traffic = [new() { Filter = Filter(0), Weight = 2, Share = new() { Least = 0.1 } }, new() { Filter = Filter(3), Weight = 0 }],
        PreRank = new()
        {
            Calibration = new() { Tones = new Dictionary<string, double> { ["warm"] = 0.1 }, Creators = new Dictionary<string, double> { ["c1"] = -1 } },
        },
        FineRank = new()
        {
            Fusion = new() { Sum = new Dictionary<string, double> { ["play"] = 1 }, Blend = 0.5 },
            Calibration = new Dictionary<string, PlattScaling> { ["play"] = new(1.5, -0.5) },
        },
        ReRank = new()
        {
            Boosts = [new() { Filter = Filter(2), Factor = 1.5 }],
            Rules = [new() { Field = "creatorId", Max = 1, In = 2 }, new() { Filter = Filter(0), Max = 3, In = 10 }],
            Shares = [new() { Channel = RecallChannel.Fresh, Min = 1, In = 10 }, new() { Filter = Filter(3), Min = 2, In = 20 }],
            Pins = [new("w1", 0), new("w2", 5)],
        },
    };

    /// <summary><see cref="Full"/> with one member changed.</summary>
    /// <param name="path">Path of the member, as errors name it.</param>
    /// <param name="json">What it becomes.</param>
    public static JsonObject With(string path, string json)
    {
        var root = (JsonObject)JsonSerializer.SerializeToNode(Full, KgJson.Options)!;
        JsonNode at = root;
        var steps = path.Split('.', '[').Select(s => s.TrimEnd(']')).ToArray();
        foreach (var step in steps[..^1])
            at = at is JsonArray array ? array[int.Parse(step)]! : at[step]!;
        if (at is JsonArray list)
            list[int.Parse(steps[^1])] = JsonNode.Parse(json);
        else
            at[steps[^1]] = JsonNode.Parse(json);
        return root;
    }

    /// <summary>A random valid document.</summary>
    public static SceneDocument Random(int seed)
    {
        var random = new Random(seed);
        var merge = random.Next(300, 2_000);
        var keep = random.Next(1, merge);
        var quotas = Enumerable.Range(0, 7).Select(_ => random.Next(0, 3) * random.Next(1, 2_000)).ToArray();
        quotas[random.Next(7)] = 500;
        ChannelSettings Channel(int i) => new()
        {
            Quota = quotas[i],
            MinKeep = random.Next(0, Math.Min(quotas[i], 40) + 1),
            TimeoutMs = random.Next(1, 1_000),
            Weight = random.NextDouble() * 100,
        };
        HotSettings Hot(ChannelSettings c) => new()
        {
            Quota = c.Quota,
            MinKeep = c.MinKeep,
            TimeoutMs = c.TimeoutMs,
            Weight = c.Weight,
            HalfLifeHours = HotSettings.ShortestHours + (random.NextDouble() * 2_000),
        };
        JsonElement AnyFilter() => Filter(random.Next(Filters.Length));
        return new SceneDocument
        {
            Scene = $"scene-{seed:x}",
            Description = random.Next(2) == 0 ? null : "Random.",
            DeadlineMs = random.Next(10, 30_001),
            ContextKeys = [.. SceneLimits.ContextKeys.Take(random.Next(SceneLimits.ContextKeys.Count + 1))],
            Discovery = new()
            {
                AgeWindowDays = 0.01 + (random.NextDouble() * 1_000),
                Kinds = random.Next(2) == 0 ? null : [.. Enum.GetValues<ItemKind>().Where(k => k == ItemKind.Audio || random.Next(2) == 0)],
                MinQuality = random.NextDouble(),
                Filter = random.Next(2) == 0 ? null : AnyFilter(),
                CreatorCap = random.Next(100),
                ColdStart = random.Next(2) == 0
                    ? null
                    : new() { Impressions = random.Next(1, 1_000), Days = 0.5 + random.NextDouble(), MinQuality = random.NextDouble() },
            },
            Traffic = [.. Enumerable.Range(0, random.Next(4))
                .Select(i => new TrafficClass
                {
                    Filter = AnyFilter(),
                    Weight = i == 0 ? null : random.Next(3) * random.NextDouble() * 5,
                    Share = i == 0 ? new TrafficShare { Least = random.NextDouble() / 2, Most = 0.5 } : null,
                })],
            Recall = new()
            {
                Model = Channel(0),
                Index = Channel(1),
                Hot = Hot(Channel(2)),
                Social = Channel(3),
                Fresh = Channel(4),
                Region = Channel(5),
                Continue = Channel(6),
            },
            PreRank = new()
            {
                Ranker = (PreRanker)random.Next(3),
                Fallback = (PreRanker)random.Next(1, 3),
                Merge = merge,
                Keep = keep,
                DiversePicks = random.Next(300),
                Window = random.Next(1, 65),
                Theta = random.NextDouble() * 0.98,
                Diversity = (DiversityMethod)random.Next(4),
                KindShare = random.NextDouble(),
            },
            FineRank = new() { Keep = random.Next(1, keep + 1), AdaptiveWidth = random.Next(2) == 0 ? null : new() },
            ReRank = new()
            {
                Theta = random.NextDouble() * 0.98,
                BreadthEffect = (random.NextDouble() * 2) - 1,
                Rules = [.. Enumerable.Range(0, random.Next(5))
                    .Select(i => i % 2 == 0
                        ? new WindowRule { Field = "songId", Max = random.Next(0, 5), In = random.Next(5, 33) }
                        : new WindowRule { Filter = AnyFilter(), Max = 1, In = 2 })],
                Shares = [.. Enumerable.Range(0, random.Next(3))
                    .Select(_ => new ShareRule { Filter = AnyFilter(), Min = random.Next(1, 5), In = random.Next(5, 101) })],
                Pins = [.. Enumerable.Range(0, random.Next(21)).Select(i => new Pin($"w{i}", i * 3))],
            },
            Exploration = new() { Share = random.NextDouble(), Temperature = 0.01 + random.NextDouble() },
            Seen = new()
            {
                Types = [.. EventTypes.All.Select(t => t.Type).Where(_ => random.Next(2) == 0)],
                Days = random.NextDouble() * 100,
                Max = random.Next(20_001),
            },
        };
    }

    private static JsonElement Filter(int i) => JsonElement.Parse(Filters[i]);
}
