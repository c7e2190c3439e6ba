using System.Runtime.InteropServices;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Filters;

namespace KgOrleans.Ranking.Recall;

/// <summary>Fields that an interest can name.</summary>
public enum InterestField : byte
{
    /// <summary>Tag.</summary>
    Tag = 1,

    /// <summary>Song.</summary>
    Song = 2,

    /// <summary>Creator.</summary>
    Creator = 3,

    /// <summary>Community.</summary>
    Community = 4,

    /// <summary>The item itself.</summary>
    Item = 5,
}

/// <summary>An interest as a shard sees it: 16 bytes.</summary>
/// <param name="Key">Key of the tag, song, creator, community or item.</param>
/// <param name="Weight">Positive weight.</param>
/// <param name="Field">Which of them.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 16)]
public readonly record struct RecallInterest(ulong Key, float Weight, InterestField Field);

/// <summary>What a shard needs to know to leave out what cannot win (docs/recall.md).</summary>
/// <param name="Shards">Shards that share the catalogue.</param>
/// <param name="Merge">Winners over all of them.</param>
/// <param name="MinKeep">Per channel its best that win whatever their pre-rank score.</param>
public sealed record RecallPruning(int Shards, int Merge, int[] MinKeep);

/// <summary>What a partition is asked in round 1. The arrays are only read, and may be shared.</summary>
public sealed record RecallRequest
{
    /// <summary>Time of the request, unix milliseconds: eligibility.</summary>
    public required long Now { get; init; }

    /// <summary>Time that scores are computed as of: <see cref="Now"/>, or a little earlier so that requests of one minute agree.</summary>
    public required long ScoreTime { get; init; }

    /// <summary>Oldest eligible publishing time, unix milliseconds.</summary>
    public required long OldestPublishedAt { get; init; }

    /// <summary>World of the user: key, 0 for the cluster's own.</summary>
    public required ulong World { get; init; }

    /// <summary>Space of <see cref="UserVector"/>; null takes the vector as one of whatever space the view serves.</summary>
    public string? SpaceId { get; init; }

    /// <summary>
    /// Fused user vector; empty without a model. One of another space or length, or with a component that is no finite number, leaves the model channel silent.
    /// </summary>
    public float[] UserVector { get; init; } = [];

    /// <summary>
    /// User vector of the recall head; empty without one. The model channel scores with it, so that one that does not fit the view's recall head leaves that
    /// channel silent; pre-ranking goes on with <see cref="UserVector"/>.
    /// </summary>
    public float[] RecallVector { get; init; } = [];

    /// <summary>
    /// What the channels that add up interests walk, by <see cref="RecallChannel"/>: an empty list, or a place that is not there, leaves the channel silent.
    /// Index: the user's interests, strongest first. Social: creators followed, friends, items that friends liked, communities. Continue: songs, creators and
    /// tags of what was just played. Similar: items of the shard by partial key (<see cref="SimilarItem"/>).
    /// </summary>
    public RecallInterest[][] Interests { get; init; } = [];

    /// <summary>Key of the region of the region channel; 0 leaves it silent.</summary>
    public ulong Region { get; init; }

    /// <summary>Keys of items that must not come back.</summary>
    public ulong[] ExcludedItems { get; init; } = [];

    /// <summary>Keys of creators that must not come back.</summary>
    public ulong[] ExcludedCreators { get; init; } = [];

    /// <summary>Keys of tags whose items must not come back.</summary>
    public ulong[] ExcludedTags { get; init; } = [];

    /// <summary>Keys of songs whose items must not come back.</summary>
    public ulong[] ExcludedSongs { get; init; } = [];

    /// <summary>What the scene says. The bitmaps of its admission are kept, unlike those of <see cref="Filter"/>.</summary>
    public RecallScene Scene { get; init; } = RecallScene.Default;

    /// <summary>Filter of the request; null for none.</summary>
    public ItemFilter? Filter { get; init; }

    /// <summary>
    /// Quota of each channel over the whole catalogue, indexed by <see cref="RecallChannel"/>; 0, or a place that is not there, switches it off.
    /// </summary>
    public required int[] Quotas { get; init; }

    /// <summary>
    /// Milliseconds that each channel may take, counted from the start of the request in the partition; a place that is not there stands for no limit.
    /// </summary>
    public int[] TimeoutsMs { get; init; } = [];

    /// <summary>What orders the candidates; for <see cref="PreRanker.RecallScore"/> the coordinator scores.</summary>
    public PreRanker Ranker { get; init; }

    /// <summary>What the shard may leave out; null for nothing: every channel's best up to the whole quota.</summary>
    public RecallPruning? Pruning { get; init; }

    /// <summary>Quota of a channel.</summary>
    internal int QuotaOf(int channel) => channel < Quotas.Length ? Quotas[channel] : 0;

    /// <summary>Whether the user vector can be scored against a view's item vectors.</summary>
    internal bool HasModel(PartitionView view) => Fits(view, UserVector, view.EmbeddingDimension);

    /// <summary>
    /// Whether the model channel can score: by the recall head when the view has one, else by the user vector, and never when only one of view and request has
    /// a head.
    /// </summary>
    internal bool HasModelChannel(PartitionView view) =>
        view.RecallDimension > 0 ? Fits(view, RecallVector, view.RecallDimension) : RecallVector.Length == 0 && HasModel(view);

    private bool Fits(PartitionView view, float[] vector, int dimension)
    {
        if (vector.Length == 0 || vector.Length != dimension || (SpaceId is not null && SpaceId != view.SpaceId))
            return false;
        foreach (var component in vector)
        {
            if (!float.IsFinite(component))
                return false;
        }
        return true;
    }
}

/// <summary>What round 1 found in a partition.</summary>
/// <param name="Candidates">Distinct candidates.</param>
/// <param name="Channels">Per <see cref="RecallChannel"/> its best: score descending then key ascending, or as <see cref="ChannelZone"/> says when the request
/// was pruned. Scores of the hot and region channels are on the scale of <see cref="HotScale"/>.</param>
/// <param name="Counts">What the eligibility test saw.</param>
public sealed record RecallResult(RecallCandidate[] Candidates, ChannelEntry[][] Channels, EligibilityCounts Counts)
{
    /// <summary>
    /// Keys of items that are in a list of a channel but cannot be among the winners: an entry whose number is not below the number of candidates means the key
    /// behind them.
    /// </summary>
    public ulong[] Keys { get; init; } = [];

    /// <summary>One a channel.</summary>
    public ChannelZone[] Zones { get; init; } = [];

    /// <summary>What was left out.</summary>
    public RecallSummary Summary { get; init; }
}
