using System.Runtime.InteropServices;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// A neighbour of one of the items that were asked for: 16 bytes. Each item that is known comes first, as a neighbour of itself that weighs its
/// <see cref="SimilarScore.Share"/>.
/// </summary>
/// <param name="Key">Its partial key.</param>
/// <param name="Weight">Summed weights of the users in common.</param>
/// <param name="Source">Place of the item among those asked for.</param>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public readonly record struct SimilarEntry(ulong Key, float Weight, int Source);
