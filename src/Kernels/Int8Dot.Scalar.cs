namespace KgOrleans.Kernels;

public static unsafe partial class Int8Dot
{
    private static void RowsScalar(short* user, float userScale, int dimension, in Int8Block block, Span<float> scores)
    {
        for (var r = 0; r < block.Count; r++)
            scores[r] = Score(SumScalar(block.CodePointer + ((nint)r * dimension), user, dimension), block.ScalePointer[r], userScale);
    }

    private static void GatherScalar(short* user, float userScale, int dimension, in Int8Table table, ReadOnlySpan<int> rows, Span<float> scores)
    {
        var place = (1 << table.ChunkShift) - 1;
        for (var i = 0; i < rows.Length; i++)
        {
            var row = rows[i];
            if ((uint)row >= (uint)table.Count)
                throw new ArgumentOutOfRangeException(nameof(rows), row, $"Row numbers are 0..{table.Count - 1}.");
            var codes = (sbyte*)table.Codes[row >> table.ChunkShift] + ((nint)(row & place) * dimension);
            scores[i] = Score(SumScalar(codes, user, dimension), ((float*)table.Scales[row >> table.ChunkShift])[row & place], userScale);
        }
    }

    /// <summary>The reference: exact in int32 for the dimensions allowed.</summary>
    internal static int SumScalar(sbyte* row, short* user, int dimension)
    {
        var sum = 0;
        for (var i = 0; i < dimension; i++)
            sum += row[i] * user[i];
        return sum;
    }

    /// <summary>The one formula of a score. Scales are multiplied first, so that one of 0 or NaN decides alone.</summary>
    internal static float Score(int sum, float rowScale, float userScale) => sum * (rowScale * userScale);
}
