using System.Runtime.InteropServices;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>The recall channels. The values are positions in replies; they never change.</summary>
public enum RecallChannel : byte
{
    /// <summary>User vector . item vector over all eligible works.</summary>
    Model = 0,

    /// <summary>Works of the tags, songs and creators that the user likes.</summary>
    Index = 1,

    /// <summary>Time-decayed popularity.</summary>
    Hot = 2,

    /// <summary>Works of followed creators, of friends, of what friends liked, of the user's communities.</summary>
    Social = 3,

    /// <summary>New works that are owed exposure.</summary>
    Fresh = 4,

    /// <summary>Works of the user's region by popularity.</summary>
    Region = 5,

    /// <summary>Works like those that were just played.</summary>
    Continue = 6,
}

/// <summary>One candidate of round 1: 16 bytes.</summary>
/// <param name="Key">Item key.</param>
/// <param name="Row">Row in the view that answered.</param>
/// <param name="PreRank">Fused dot product; NaN without a model.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct RecallCandidate(ulong Key, int Row, float PreRank);

/// <summary>One entry of a channel's list: which candidate, and the channel's score. 8 bytes.</summary>
/// <param name="Candidate">Index into the reply's candidates.</param>
/// <param name="Score">Score; comparable within the channel, over all shards.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct ChannelEntry(int Candidate, float Score);

/// <summary>How many works the eligibility test saw, and why it dropped some. A work is counted under the first reason that applies.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct EligibilityCounts
{
    /// <summary>Live works.</summary>
    public long Live;

    /// <summary>Works that may be recommended.</summary>
    public long Eligible;

    /// <summary>Of another world.</summary>
    public long OtherWorld;

    /// <summary>Hidden.</summary>
    public long Hidden;

    /// <summary>Expired.</summary>
    public long Expired;

    /// <summary>Not yet published, or older than the scene's window.</summary>
    public long Age;

    /// <summary>Seen, excluded or served on an earlier page.</summary>
    public long Excluded;

    /// <summary>Of a blocked creator, or the user's own.</summary>
    public long Blocked;

    /// <summary>Not matching the filter.</summary>
    public long Filtered;
}
