namespace KgOrleans.Ranking.Factors;

/// <summary>Gram matrices: the sum over all rows of v v^T, in double precision.</summary>
internal static class Gram
{
    // Rows summed together. Blocks are added in their order, so that the sum does not depend on the number of threads.
    private const int Block = 4_096;
    private const int Wide = 64;

    /// <summary>The Gram matrix of rows, both triangles.</summary>
    public static double[] Of(float[] rows, int dimension, int threads)
    {
        var count = rows.Length / dimension;
        var blocks = new double[(count + Block - 1) / Block][];
        Parallel.For(0, blocks.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, b => blocks[b] = OfBlock(rows, dimension, b, count));
        var gram = new double[dimension * dimension];
        foreach (var block in blocks)
            DenseMath.AddScaled(gram, 1, block);
        for (var i = 0; i < dimension; i++)
        {
            for (var j = 0; j < i; j++)
                gram[(i * dimension) + j] = gram[(j * dimension) + i];
        }
        return gram;
    }

    private static double[] OfBlock(float[] rows, int dimension, int block, int count)
    {
        var gram = new double[dimension * dimension];
        var wide = new double[Wide * dimension];
        var end = Math.Min(count, (block + 1) * Block);
        for (var first = block * Block; first < end; first += Wide)
        {
            var values = rows.AsSpan(first * dimension, Math.Min(Wide, end - first) * dimension);
            NormalEquations.Widen(values, wide.AsSpan(0, values.Length));
            DenseMath.AddOuterProducts(gram, wide.AsSpan(0, values.Length), dimension);
        }
        return gram;
    }
}
