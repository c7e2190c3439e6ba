using System.Runtime.InteropServices;

namespace KgOrleans.Ranking.Recall;

/// <summary>Facts about one channel of a reply, beside the list of its entries: 44 bytes. The protocol is in docs/recall.md.</summary>
/// <param name="Certain">Items of the shard that belong to the global best of the channel, whatever the other shards hold.</param>
/// <param name="CertainSent">The first entries of the list: those of the certain items that were sent. The entries behind them are uncertain: the
/// global threshold lies among them.</param>
/// <param name="IsCut">1 when the shard holds items of the channel that are neither certain nor in the list.</param>
/// <param name="IsLate">1 when the channel took longer than it may: its list is empty.</param>
/// <param name="WorstCertain">No certain item stands behind this place.</param>
/// <param name="BestCut">No item that was cut stands before this place.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct ChannelZone(int Certain, int CertainSent, int IsCut, int IsLate, ScoreBound WorstCertain, ScoreBound BestCut);
