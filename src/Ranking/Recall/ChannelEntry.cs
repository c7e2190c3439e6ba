using System.Runtime.InteropServices;

namespace KgOrleans.Ranking.Recall;

/// <summary>One entry of a channel's list: which candidate, and the channel's score. 8 bytes.</summary>
/// <param name="Candidate">Index into the reply's candidates.</param>
/// <param name="Score">Score; comparable within the channel, over all shards.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct ChannelEntry(int Candidate, float Score);
