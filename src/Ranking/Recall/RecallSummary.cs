using System.Runtime.InteropServices;

namespace KgOrleans.Ranking.Recall;

/// <summary>Facts about a shard's reply as a whole.</summary>
/// <param name="CertainItems">Distinct items that are certain in some channel, sent or not.</param>
/// <param name="CertainKeys">The first of the keys behind the candidates belong to items that are certain in some channel.</param>
/// <param name="IsPruned">1 when items were left out because too many of the shard come before them in pre-rank order.</param>
/// <param name="Bound">No item that was left out stands before this place in pre-rank order.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct RecallSummary(int CertainItems, int CertainKeys, int IsPruned, ScoreBound Bound);
