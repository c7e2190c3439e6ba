namespace KgOrleans.Ranking.Recall;

/// <summary>The recall channels of a scene. A channel that is not named has its default; quota 0 switches it off.</summary>
public sealed record RecallSettings
{
    // Channels that know less of what the user likes than their interests and their vector tell.
    private const double LessPersonal = 0.5;

    /// <summary>Best items by user vector . item vector, or by the bundle's own recall head.</summary>
    public ChannelSettings Model { get; init; } = new() { Quota = 1_200 };

    /// <summary>Items of the tags, songs and creators that the user likes, by summed interest.</summary>
    public ChannelSettings Index { get; init; } = new() { Quota = 800 };

    /// <summary>Items with the highest time-decayed popularity.</summary>
    public HotSettings Hot { get; init; } = new() { Quota = 300, Weight = LessPersonal };

    /// <summary>Items of followed creators, of friends, of what friends liked, of the user's communities.</summary>
    public ChannelSettings Social { get; init; } = new() { Quota = 300, Weight = LessPersonal };

    /// <summary>New items that are owed exposure (<c>discovery.coldStart</c>), most owed first.</summary>
    public ChannelSettings Fresh { get; init; } = new() { Quota = 200, MinKeep = 10, Weight = LessPersonal };

    /// <summary>Items of the user's region, most popular first.</summary>
    public ChannelSettings Region { get; init; } = new() { Quota = 100, MinKeep = 10, Weight = LessPersonal };

    /// <summary>More like what was just played: items that share its song, creator or tags.</summary>
    public ChannelSettings Continue { get; init; } = new() { Quota = 100, MinKeep = 10, Weight = LessPersonal };

    /// <summary>Items that those like who like what the user likes (collaborative neighbours).</summary>
    public ChannelSettings Similar { get; init; } = new() { Quota = 600, Weight = 2 };

    /// <summary>Settings of a channel.</summary>
    public ChannelSettings Of(RecallChannel channel) => channel switch
    {
        RecallChannel.Model => Model,
        RecallChannel.Index => Index,
        RecallChannel.Hot => Hot,
        RecallChannel.Social => Social,
        RecallChannel.Fresh => Fresh,
        RecallChannel.Region => Region,
        RecallChannel.Continue => Continue,
        RecallChannel.Similar => Similar,
        _ => throw new ArgumentOutOfRangeException(nameof(channel), channel, "unknown recall channel"),
    };
}
