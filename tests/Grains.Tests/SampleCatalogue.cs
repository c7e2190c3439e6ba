using KgOrleans.Ranking.Items;

namespace KgOrleans.Grains.Tests;

/// <summary>A small seeded catalogue with few creators and songs, so that rules have something to do.</summary>
internal static class SampleCatalogue
{
    public static readonly string[] Tags = ["ballad", "rock", "folk", "duet", "rap"];

    public static ItemDocument[] Items(int count, int seed = 1, int creators = 12, int songs = 9)
    {
        var random = new Random(seed);
        var now = DateTimeOffset.UtcNow;
        return [.. Enumerable.Range(0, count).Select(i => new ItemDocument
        {
            ItemId = $"w{i}",
            CreatorId = $"c{random.Next(creators)}",
            SongId = $"s{random.Next(songs)}",
            Kind = (ItemKind)random.Next(3),
            Tags = [Tags[random.Next(Tags.Length)]],
            Quality = Math.Round(random.NextDouble(), 3),
            PublishedAt = now.AddHours(-random.Next(1, 1000)),
            Vectors = new Dictionary<string, float[]>
            {
                ["content"] = [.. Enumerable.Range(0, 32).Select(_ => (float)Math.Round(random.NextDouble() - 0.5, 3))],
            },
        })];
    }
}
