using KgOrleans.Kernels.Dot;

namespace KgOrleans.Kernels.Tests;

/// <summary>Lengths around every vector width and every unrolled step, and random data for them.</summary>
internal static class Lengths
{
    public static readonly int[] AroundWidths =
        [1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 16, 17, 23, 24, 25, 31, 32, 33, 47, 48, 49, 63, 64, 65, 79, 80, 81, 95, 96, 97, 112, 127, 128, 129, 192, 256, 257];

    public static float[] Random(int count, int seed)
    {
        var random = new Random(seed);
        var values = new float[count];
        foreach (ref var value in values.AsSpan())
            value = (float)((random.NextDouble() * 2) - 1);
        return values;
    }

    public static float[] Unit(int count, int dimension, int seed)
    {
        var values = Random(count * dimension, seed);
        for (var i = 0; i < count; i++)
            VectorMath.Normalise(values.AsSpan(i * dimension, dimension));
        return values;
    }
}
