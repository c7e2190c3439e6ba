namespace KgOrleans.Ranking.Recall;

/// <summary>One recall channel.</summary>
public record ChannelSettings
{
    /// <summary>
    /// Items that the channel brings, over the whole catalogue; 0 switches it off. Required, so that naming a channel for another setting does not switch it
    /// off.
    /// </summary>
    public required int Quota { get; init; }

    /// <summary>
    /// Milliseconds after which a shard goes on without the channel, and the answer says so; more in proportion when a caller gives the request more time than
    /// the scene does.
    /// </summary>
    public int TimeoutMs { get; init; } = 200;

    /// <summary>Weight of the channel's score where recall scores rank (<c>recallScore</c>), 0..100.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Items of the channel, its best, that survive pre-ranking whatever their score; without it the other channels would be decoration.</summary>
    public int MinKeep { get; init; } = 20;
}
