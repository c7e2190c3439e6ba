using System.Runtime.InteropServices;

namespace KgOrleans.Ranking.Recall;

/// <summary>One candidate of round 1: 16 bytes.</summary>
/// <param name="Key">Item key.</param>
/// <param name="Row">Row in the view that answered.</param>
/// <param name="PreRank">Pre-rank score; NaN for an item that has none, and where the coordinator scores.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct RecallCandidate(ulong Key, int Row, float PreRank);
