using System.Runtime.InteropServices;
using KgOrleans.Ranking.Filters;

namespace KgOrleans.Ranking.Catalogue;

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

    /// <summary>The work itself.</summary>
    Item = 5,
}

/// <summary>An interest as a shard sees it: 16 bytes.</summary>
/// <param name="Key">Key of the tag, song, creator, community or work.</param>
/// <param name="Weight">Positive weight.</param>
/// <param name="Field">Which of them.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 16)]
public readonly record struct RecallInterest(ulong Key, float Weight, InterestField Field);

/// <summary>What a partition is asked in round 1. The arrays are only read, and may be shared.</summary>
public sealed class RecallRequest
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

    /// <summary>Fused user vector; empty without a model. One of another space or length, or with a component that is no finite number, leaves the model channel silent.</summary>
    public float[] UserVector { get; init; } = [];

    /// <summary>Interests, strongest first.</summary>
    public RecallInterest[] Interests { get; init; } = [];

    /// <summary>Keys of items that must not come back.</summary>
    public ulong[] ExcludedItems { get; init; } = [];

    /// <summary>Keys of creators that must not come back.</summary>
    public ulong[] ExcludedCreators { get; init; } = [];

    /// <summary>Filter; null for none.</summary>
    public ItemFilter? Filter { get; init; }

    /// <summary>Quota of each channel, indexed by <see cref="RecallChannel"/>; 0 switches it off.</summary>
    public required int[] Quotas { get; init; }

    /// <summary>Whether the user vector can be scored against a view's item vectors.</summary>
    internal bool HasModel(PartitionView view)
    {
        if (UserVector.Length == 0 || UserVector.Length != view.EmbeddingDimension || (SpaceId is not null && SpaceId != view.SpaceId))
            return false;
        foreach (var component in UserVector)
        {
            if (!float.IsFinite(component))
                return false;
        }
        return true;
    }
}

/// <summary>What round 1 found in a partition.</summary>
/// <param name="Candidates">Distinct candidates.</param>
/// <param name="Channels">Per <see cref="RecallChannel"/> its best, score descending then key ascending.</param>
/// <param name="Counts">What the eligibility test saw.</param>
public sealed record RecallResult(RecallCandidate[] Candidates, ChannelEntry[][] Channels, EligibilityCounts Counts);
