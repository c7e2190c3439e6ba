using System.Runtime.InteropServices;

namespace KgOrleans.Ranking.Recall;

/// <summary>An item that those like who like the same as the user: 16 bytes.</summary>
/// <param name="Key">Its partial key.</param>
/// <param name="Weight">Summed over what the user likes.</param>
/// <param name="First">Which item that the user likes contributed most: its place.</param>
/// <param name="Second">Which one contributed second most; the same as <paramref name="First"/> when no other contributed.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4, Size = 16)]
public readonly record struct SimilarItem(ulong Key, float Weight, byte First, byte Second);
