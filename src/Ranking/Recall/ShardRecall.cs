using System.Runtime.InteropServices;

namespace KgOrleans.Ranking.Recall;

/// <summary>Round 1's answer of one shard as packed records, which are read in place.</summary>
/// <param name="shard">Shard number.</param>
/// <param name="candidates"><see cref="RecallCandidate"/> records.</param>
/// <param name="keys">Keys of items in the lists that are no candidates.</param>
/// <param name="channels">Per <see cref="RecallChannel"/> <see cref="ChannelEntry"/> records.</param>
/// <param name="zones"><see cref="ChannelZone"/> records, one a channel.</param>
/// <param name="summary">A <see cref="RecallSummary"/>.</param>
public sealed class ShardRecall(int shard, byte[] candidates, byte[] keys, byte[][] channels, byte[] zones, byte[] summary)
{
    /// <summary>Shard number.</summary>
    public int Shard => shard;

    /// <summary>Distinct candidates.</summary>
    public ReadOnlySpan<RecallCandidate> Candidates => MemoryMarshal.Cast<byte, RecallCandidate>(candidates);

    /// <summary>Keys of items in the lists that are no candidates.</summary>
    public ReadOnlySpan<ulong> Keys => MemoryMarshal.Cast<byte, ulong>(keys);

    /// <summary>The summary.</summary>
    public RecallSummary Summary => MemoryMarshal.Read<RecallSummary>(summary);

    /// <summary>Entries of a channel.</summary>
    public ReadOnlySpan<ChannelEntry> Entries(int channel) => MemoryMarshal.Cast<byte, ChannelEntry>(channels[channel]);

    /// <summary>The shard's facts about a channel.</summary>
    public ChannelZone Zone(int channel) => MemoryMarshal.Cast<byte, ChannelZone>(zones)[channel];

    /// <summary>Key of the item of an entry.</summary>
    public ulong KeyOf(ChannelEntry entry)
    {
        var known = Candidates;
        return entry.Candidate < known.Length ? known[entry.Candidate].Key : Keys[entry.Candidate - known.Length];
    }

    /// <summary>Packs an answer.</summary>
    public static ShardRecall Of(int shard, RecallResult result) => new(
        shard, Pack(result.Candidates), Pack(result.Keys), Array.ConvertAll(result.Channels, Pack), Pack(result.Zones), Pack([result.Summary]));

    /// <summary>Records as bytes.</summary>
    public static byte[] Pack<T>(T[] records)
        where T : unmanaged => records.Length == 0 ? [] : MemoryMarshal.AsBytes(records.AsSpan()).ToArray();
}
