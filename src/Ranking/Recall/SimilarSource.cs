using System.Runtime.InteropServices;

namespace KgOrleans.Ranking.Recall;

/// <summary>An item that the user likes or dislikes, as the sum of neighbours needs it: 16 bytes.</summary>
/// <param name="Key">Its partial key.</param>
/// <param name="Weight">What it counts; negative when the user dislikes it.</param>
/// <param name="Share"><see cref="SimilarScore.Share"/> of the item.</param>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public readonly record struct SimilarSource(ulong Key, float Weight, float Share);
