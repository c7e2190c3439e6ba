using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Inference.Tests;

/// <summary>A small user and items, and random ones.</summary>
internal static class Samples
{
    /// <summary>2026-01-05 06:00 UTC, a Monday: a quarter of the day.</summary>
    public const long Now = 1_767_592_800_000;

    public const int ContentDimension = 32;

    public static UserSnapshot User() => new()
    {
        UserId = "u1",
        IsKnown = true,
        Region = Key64.Of("bj"),
        Language = Key64.Of("zh"),
        Tags = [Interest("pop", 3), Interest("rock", 1)],
        Creators = [Interest("c1", 2)],
        Songs = [Interest("s1", 1)],
        Follows = [Key64.Of("c1"), Key64.Of("c9")],
        RecentCreators = [Key64.Of("c1"), Key64.Of("c2"), Key64.Of("c1")],
        RecentSongs = [Key64.Of("s1")],
        ContentLong = Content(0, 0.5f),
        ContentShort = Content(1, 1f),
        Counts = Counts(7),
    };

    public static ItemBlock Item()
    {
        var block = new ItemBlock(1, ContentDimension, 0);
        ref var row = ref block.Rows[0];
        row.Key = Key64.Of("w1");
        row.Creator = Key64.Of("c1");
        row.Song = Key64.Of("s1");
        row.Region = Key64.Of("bj");
        row.Language = Key64.Of("en");
        row.Tags[0] = Key64.Of("pop");
        row.Tags[1] = Key64.Of("jazz");
        row.PublishedAt = Now - 86_400_000;
        row.DurationSeconds = float.NaN;
        row.Quality = 0.25f;
        row.Impressions = 80;
        row.Plays = 14;
        row.Likes = 4;
        row.Hot = 3;
        row.Kind = ItemKind.Video;
        row.HasContent = 1;
        Content(0, 1f).CopyTo(block.ContentOf(0));
        block.Ids[0] = "w1";
        return block;
    }

    /// <summary>Random items, some of whose ids the demo bundle knows.</summary>
    public static ItemBlock Items(int count, int seed)
    {
        var random = new Random(seed);
        var block = new ItemBlock(count, ContentDimension, 0);
        for (var i = 0; i < count; i++)
        {
            ref var row = ref block.Rows[i];
            row.Key = (ulong)random.NextInt64();
            row.Creator = Key64.Of($"c{random.Next(5_000):D4}");
            row.Song = Key64.Of($"s{random.Next(3_000):D4}");
            row.Region = Key64.Of("bj");
            row.Tags[0] = Key64.Of("pop");
            row.PublishedAt = Now - random.NextInt64(90L * 86_400_000);
            row.DurationSeconds = random.Next(30, 300);
            row.Quality = random.NextSingle();
            row.Impressions = random.Next(1_000);
            row.Plays = row.Impressions / 4;
            row.Hot = random.Next(50);
            row.Kind = ItemKind.Audio;
            row.HasContent = 1;
            foreach (ref var component in block.ContentOf(i))
                component = (random.NextSingle() - 0.5f) / 3;
            block.Ids[i] = $"w{i}";
        }
        return block;
    }

    public static WeightedInterest Interest(string id, float weight) => new(id, Key64.Of(id), weight);

    private static float[] Content(int axis, float length)
    {
        var vector = new float[ContentDimension];
        vector[axis] = length;
        return vector;
    }

    private static long[] Counts(long plays)
    {
        var counts = new long[EventTypes.All.Count];
        counts[(int)EventType.Play] = plays;
        return counts;
    }
}
