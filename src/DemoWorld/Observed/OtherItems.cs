using System.Globalization;
using KgOrleans.DemoWorld.Hidden;
using KgOrleans.Ranking.Items;

namespace KgOrleans.DemoWorld.Observed;

/// <summary>
/// Songs, rooms and people of the world, made from its works alone: what a song, a community's room or a singer is like is what their works are like. No random
/// draw is made, so that the works and what users did with them do not depend on this.
/// </summary>
internal static class OtherItems
{
    /// <summary>People: the creators with the most works.</summary>
    public const int People = 1_000;

    /// <summary>Rooms, each of one community.</summary>
    public const int Rooms = 100;

    private const int MostTags = 3;

    /// <summary>Songs that are sung, then rooms, then people.</summary>
    public static ItemDocument[] Of(IReadOnlyList<ItemDocument> works) =>
    [
        .. works.Where(w => w.SongId is not null).GroupBy(w => w.SongId!).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => Of(g, ItemKind.Song, g.Key, $"item-{g.Key}") with { SongId = g.Key, Title = SongTitle(g.Key), Region = null }),
        .. works.GroupBy(w => w.CommunityIds[0]).OrderBy(g => g.Key, StringComparer.Ordinal).Take(Rooms).Select((g, i) => Room(g, i)),
        .. works.GroupBy(w => w.CreatorId).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Take(People)
            .Select(g => Of(g, ItemKind.User, g.Key, g.Key) with { Title = $"Singer {g.Key}", CommunityIds = [.. Top(g, w => w.CommunityIds, 1)] }),
    ];

    private static ItemDocument Room(IGrouping<string, ItemDocument> works, int index)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"r{index + 1:D3}");
        var host = Top(works, w => [w.CreatorId], 1).First();
        var room = Of(works, ItemKind.Room, id, host);
        return room with { Title = $"Room: {room.Tags[0]} with {host}", CommunityIds = [works.Key] };
    }

    private static ItemDocument Of(IEnumerable<ItemDocument> works, ItemKind kind, string id, string creator) => new()
    {
        ItemId = id,
        CreatorId = creator,
        Kind = kind,
        Tags = [.. Top(works, w => w.Tags, MostTags)],
        Region = Top(works, w => [w.Region!], 1).First(),
        Language = Top(works, w => [w.Language!], 1).First(),
        Quality = Math.Round(works.Average(w => w.Quality!.Value), 3),
        Vectors = new Dictionary<string, float[]> { [ItemValidator.ContentVector] = Mean(works) },
    };

    private static IEnumerable<string> Top(IEnumerable<ItemDocument> works, Func<ItemDocument, IEnumerable<string>> values, int count) =>
        works.SelectMany(values).GroupBy(v => v).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).Take(count).Select(g => g.Key);

    private static float[] Mean(IEnumerable<ItemDocument> works)
    {
        var mean = new float[works.First().Vectors![ItemValidator.ContentVector].Length];
        foreach (var work in works)
        {
            var vector = work.Vectors![ItemValidator.ContentVector];
            for (var c = 0; c < mean.Length; c++)
                mean[c] += vector[c];
        }
        var length = MathF.Max(1e-6f, MathF.Sqrt(HiddenWorld.Dot(mean, mean)));
        for (var c = 0; c < mean.Length; c++)
            mean[c] = MathF.Round(mean[c] / length, 3);
        return mean;
    }

    private static string SongTitle(string id) => Names.SongTitle(int.Parse(id.AsSpan(1), CultureInfo.InvariantCulture) - 1);
}
