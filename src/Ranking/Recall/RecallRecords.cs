using System.Runtime.InteropServices;
using System.Text.Json;

namespace KgOrleans.Ranking.Recall;

/// <summary>The recall channels. The values are positions in replies; they never change.</summary>
public enum RecallChannel : byte
{
    /// <summary>User vector . item vector over all eligible works; by the vectors of the recall head where there is one.</summary>
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

/// <summary>The channels together.</summary>
public static class RecallChannels
{
    /// <summary>How many there are.</summary>
    public const int Count = (int)RecallChannel.Continue + 1;

    /// <summary>Name of a channel in answers and scene documents.</summary>
    public static string NameOf(int channel) => Names[channel];

    private static readonly string[] Names = [.. Enum.GetNames<RecallChannel>().Select(JsonNamingPolicy.CamelCase.ConvertName)];
}

/// <summary>One candidate of round 1: 16 bytes.</summary>
/// <param name="Key">Item key.</param>
/// <param name="Row">Row in the view that answered.</param>
/// <param name="PreRank">Pre-rank score; NaN for a work that has none, and where the coordinator scores.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct RecallCandidate(ulong Key, int Row, float PreRank);

/// <summary>One entry of a channel's list: which candidate, and the channel's score. 8 bytes.</summary>
/// <param name="Candidate">Index into the reply's candidates.</param>
/// <param name="Score">Score; comparable within the channel, over all shards.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct ChannelEntry(int Candidate, float Score);

/// <summary>A place in the order of a channel, or of pre-rank scores: score descending, then key ascending. 12 bytes.</summary>
/// <param name="Score">Score.</param>
/// <param name="Key">Key of the work; 0 stands before all works of the score, the largest key behind them.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct ScoreBound(float Score, ulong Key)
{
    /// <summary>Before everything.</summary>
    public static readonly ScoreBound Best = new(float.PositiveInfinity, 0);

    /// <summary>Behind everything.</summary>
    public static readonly ScoreBound Worst = new(float.NegativeInfinity, ulong.MaxValue);

    /// <summary>Whether this comes before another place.</summary>
    public bool IsBefore(ScoreBound other) => Score > other.Score || (Score == other.Score && Key < other.Key);
}

/// <summary>What a shard says about one channel beside the list of its entries: 44 bytes. See docs/recall.md for the protocol.</summary>
/// <param name="Certain">Works of the shard that belong to the global best of the channel, whatever the other shards hold.</param>
/// <param name="CertainSent">The first entries of the list: those of the certain works that were sent. The entries behind them are uncertain: the global threshold lies among them.</param>
/// <param name="IsCut">1 when the shard holds works of the channel that are neither certain nor in the list.</param>
/// <param name="IsLate">1 when the channel took longer than it may: its list is empty.</param>
/// <param name="WorstCertain">No certain work stands behind this place.</param>
/// <param name="BestCut">No work that was cut stands before this place.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct ChannelZone(int Certain, int CertainSent, int IsCut, int IsLate, ScoreBound WorstCertain, ScoreBound BestCut);

/// <summary>What a shard says about its reply as a whole.</summary>
/// <param name="CertainWorks">Distinct works that are certain in some channel, sent or not.</param>
/// <param name="CertainKeys">The first of the keys behind the candidates belong to works that are certain in some channel.</param>
/// <param name="IsPruned">1 when works were left out because too many of the shard come before them in pre-rank order.</param>
/// <param name="Bound">No work that was left out stands before this place in pre-rank order.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct RecallSummary(int CertainWorks, int CertainKeys, int IsPruned, ScoreBound Bound);

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

    /// <summary>Not admitted by the scene.</summary>
    public long Admission;

    /// <summary>Seen, excluded or served on an earlier page.</summary>
    public long Excluded;

    /// <summary>Of a blocked creator, or the user's own.</summary>
    public long Blocked;

    /// <summary>Not matching the filter.</summary>
    public long Filtered;
}
