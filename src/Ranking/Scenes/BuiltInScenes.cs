using System.Text.Json;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Ranking.Scenes;

/// <summary>Scenes that exist without being written. Each is version 1 of its scene; a document that is written over it becomes version 2.</summary>
public static class BuiltInScenes
{
    /// <summary>The feed of good user-made items.</summary>
    public const string Feed = "feed";

    /// <summary>Items of followed creators and friends, with others mixed in.</summary>
    public const string Follow = "follow";

    /// <summary>Items of the user's region and of people they know.</summary>
    public const string Nearby = "nearby";

    /// <summary>Live streams.</summary>
    public const string Live = "live";

    /// <summary>Karaoke rooms.</summary>
    public const string Room = "room";

    /// <summary>Songs to sing (点歌).</summary>
    public const string Song = "song";

    /// <summary>People to follow.</summary>
    public const string People = "people";

    /// <summary>Items that need comments (点评).</summary>
    public const string Reviewable = "reviewable";

    // What is sung once and stays, unlike a stream or a room.
    private static readonly ItemKind[] Recorded = [ItemKind.Audio, ItemKind.Video];

    // Songs, rooms and people do not grow old: the window is a hundred years.
    private const double Ageless = 36_500;

    /// <summary>All of them by name.</summary>
    public static IReadOnlyDictionary<string, SceneDocument> All { get; } =
        new[] { FeedScene(), FollowScene(), NearbyScene(), LiveScene(), RoomScene(), SongScene(), PeopleScene(), ReviewableScene() }.ToDictionary(d => d.Scene);

    private static SceneDocument FeedScene() => new()
    {
        Scene = Feed,
        Description = "The feed of quality UGC: sung works and live streams of the last three months; "
            + "low quality has half the weight, new works are owed a hundred impressions.",
        Discovery = new() { Kinds = [.. Recorded, ItemKind.Live], ColdStart = new() },
        Traffic = [new() { Filter = Filter("""{"field":"quality","lt":0.2}"""), Weight = 0.5 }],
    };

    private static SceneDocument FollowScene() => new()
    {
        Scene = Follow,
        Description = "Works of followed creators, friends and communities, at least four in ten, with works that fit the user mixed in.",
        Discovery = new() { Kinds = [.. Recorded, ItemKind.Live] },
        Recall = new() { Social = new() { Quota = 1_000, MinKeep = 120 }, Model = new() { Quota = 600 }, Index = new() { Quota = 400 } },
        ReRank = new() { Shares = [new() { Channel = RecallChannel.Social, Min = 4, In = 10 }] },
    };

    private static SceneDocument NearbyScene() => new()
    {
        Scene = Nearby,
        Description = "Works of the user's region, at least five in ten, and of the people and communities they know.",
        Discovery = new() { Kinds = [.. Recorded, ItemKind.Live] },
        Recall = new()
        {
            Region = new() { Quota = 1_000, MinKeep = 150 },
            Social = new() { Quota = 500, MinKeep = 60 },
            Model = new() { Quota = 600 },
            Index = new() { Quota = 400 },
        },
        ReRank = new() { Shares = [new() { Channel = RecallChannel.Region, Min = 5, In = 10 }, new() { Channel = RecallChannel.Social, Min = 1, In = 10 }] },
    };

    private static SceneDocument LiveScene() => new()
    {
        Scene = Live,
        Description = "Live streams. One that was shown may come back after an hour: it is another moment of it.",
        Discovery = new() { Kinds = [ItemKind.Live] },
        Seen = new() { Days = 1 / 24.0 },
    };

    private static SceneDocument RoomScene() => new()
    {
        Scene = Room,
        Description = "Karaoke rooms, however old. One that was shown may come back after an hour.",
        Discovery = new() { Kinds = [ItemKind.Room], AgeWindowDays = Ageless },
        Recall = new() { Social = new() { Quota = 600, MinKeep = 60 } },
        Seen = new() { Days = 1 / 24.0 },
    };

    private static SceneDocument SongScene() => new()
    {
        Scene = Song,
        Description = "Songs to sing (点歌), however old: no song twice in ten. "
            + "A song has no creator that rules could be about, and may be sung again the next day.",
        Discovery = new() { Kinds = [ItemKind.Song], AgeWindowDays = Ageless },
        Recall = new() { Index = new() { Quota = 1_000, MinKeep = 60 }, Social = new() { Quota = 0 }, Fresh = new() { Quota = 0 } },
        PreRank = new() { CreatorCap = 300 },
        ReRank = new() { Rules = [new() { Field = "songId", Max = 1, In = 10 }] },
        Seen = new() { Days = 1 },
    };

    private static SceneDocument PeopleScene() => new()
    {
        Scene = People,
        Description = "People to follow whom the user does not follow yet, at least two in ten from the user's own circles. Nobody is shown twice in a week.",
        Discovery = new() { Kinds = [ItemKind.User], AgeWindowDays = Ageless, ExcludeFollowed = true },
        Recall = new() { Social = new() { Quota = 600, MinKeep = 80 }, Region = new() { Quota = 300, MinKeep = 30 }, Continue = new() { Quota = 0 } },
        ReRank = new() { Rules = [new() { Field = "creatorId", Max = 1, In = 10 }], Shares = [new() { Channel = RecallChannel.Social, Min = 2, In = 10 }] },
        Seen = new() { Days = 7 },
    };

    private static SceneDocument ReviewableScene() => new()
    {
        Scene = Reviewable,
        Description = "Works to comment on (点评): of fair quality, at most a month old, with less than five comments "
            + "and none by the user, half of them with less than five hundred impressions.",
        Discovery = new()
        {
            Kinds = Recorded,
            AgeWindowDays = 30,
            MinQuality = 0.3,
            Filter = Filter("""{"field":"comments","lt":5}"""),
            ExcludeInteracted = [EventType.Comment],
            ColdStart = new() { Impressions = 500, Days = 30 },
        },
        // Popular items only fill up what is left.
        Recall = new() { Fresh = new() { Quota = 1_500, MinKeep = 200 }, Hot = new() { Quota = 200, MinKeep = 0 } },
        ReRank = new() { Shares = [new() { Channel = RecallChannel.Fresh, Min = 5, In = 10 }] },
    };

    private static JsonElement Filter(string json) => JsonElement.Parse(json);
}
