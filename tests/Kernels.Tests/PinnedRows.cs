using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KgOrleans.Kernels.Dot;

namespace KgOrleans.Kernels.Tests;

/// <summary>Rows in pinned arrays, float32 and quantised, whole and in chunks.</summary>
internal sealed unsafe class PinnedRows
{
    public PinnedRows(float[] vectors, int dimension, ulong[]? keys = null)
    {
        Dimension = dimension;
        Count = vectors.Length / dimension;
        Vectors = Pin<float>(vectors.Length);
        vectors.CopyTo(Vectors, 0);
        Codes = Pin<sbyte>(vectors.Length);
        Residuals = Pin<sbyte>(vectors.Length);
        Scales = Pin<float>(Count);
        Keys = Pin<ulong>(Count);
        for (var r = 0; r < Count; r++)
        {
            Scales[r] = Int8Rows.Quantise(vectors.AsSpan(r * dimension, dimension), Codes.AsSpan(r * dimension, dimension), Residuals.AsSpan(r * dimension, dimension));
            Keys[r] = keys is null ? (ulong)(r + 1) * 0x9E3779B97F4A7C15 >> 3 : keys[r];
        }
    }

    public int Dimension { get; }

    public int Count { get; }

    public float[] Vectors { get; }

    public sbyte[] Codes { get; }

    public sbyte[] Residuals { get; }

    public float[] Scales { get; }

    public ulong[] Keys { get; }

    public Int8Block Block(int from = 0, int count = -1) =>
        new(At(Codes, from * Dimension), At(Scales, from), At(Keys, from), from, count < 0 ? Count - from : count);

    /// <summary>Pointers to chunks of <c>2^shift</c> rows.</summary>
    public (nint[] Codes, nint[] Scales, nint[] Residuals) Chunks(int shift)
    {
        var starts = Enumerable.Range(0, (Count + (1 << shift) - 1) >> shift).Select(c => c << shift).ToArray();
        return ([.. starts.Select(r => At(Codes, r * Dimension))], [.. starts.Select(r => At(Scales, r))], [.. starts.Select(r => At(Residuals, r * Dimension))]);
    }

    public static T[] Pin<T>(int length) => GC.AllocateArray<T>(length, pinned: true);

    public static nint At<T>(T[] pinned, int index) => (nint)Unsafe.AsPointer(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(pinned), index));
}
