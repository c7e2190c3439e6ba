namespace KgOrleans.Kernels.Dot;

/// <summary>
/// 8-bit rows in chunks of a power of two of rows, addressed by row number: row r lies in chunk <c>r &gt;&gt; ChunkShift</c> at place <c>r &amp; (2^ChunkShift - 1)</c>.
/// </summary>
/// <param name="Codes">Start of each chunk's codes.</param>
/// <param name="Scales">Start of each chunk's scales.</param>
/// <param name="Residuals">Start of each chunk's residuals; empty where nothing re-scores.</param>
/// <param name="ChunkShift">Binary logarithm of the rows of a chunk, 0..31.</param>
/// <param name="Count">Number of rows: row numbers are 0..Count-1.</param>
public readonly ref struct Int8Table(ReadOnlySpan<nint> Codes, ReadOnlySpan<nint> Scales, ReadOnlySpan<nint> Residuals, int ChunkShift, int Count)
{
    /// <summary>Start of each chunk's codes.</summary>
    public ReadOnlySpan<nint> Codes { get; } = Codes;

    /// <summary>Start of each chunk's scales.</summary>
    public ReadOnlySpan<nint> Scales { get; } = Scales;

    /// <summary>Start of each chunk's residuals.</summary>
    public ReadOnlySpan<nint> Residuals { get; } = Residuals;

    /// <summary>Binary logarithm of the rows of a chunk.</summary>
    public int ChunkShift { get; } = ChunkShift;

    /// <summary>Number of rows.</summary>
    public int Count { get; } = Count;

    /// <summary>The codes and the scale of a row.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    internal unsafe sbyte* Row(int row, int dimension, out float* scale)
    {
        if ((uint)row >= (uint)Count)
            throw new ArgumentOutOfRangeException("rows", row, $"Row numbers are 0..{Count - 1}.");
        var place = row & (int)((1L << ChunkShift) - 1);
        scale = (float*)Scales[row >> ChunkShift] + place;
        return (sbyte*)Codes[row >> ChunkShift] + ((nint)place * dimension);
    }

    /// <summary>The residuals of a row that <see cref="Row"/> accepted.</summary>
    internal unsafe sbyte* Residual(int row, int dimension) =>
        (sbyte*)Residuals[row >> ChunkShift] + ((nint)(row & (int)((1L << ChunkShift) - 1)) * dimension);

    /// <summary>Refuses a table whose chunks do not hold its rows.</summary>
    internal void Require(bool residuals)
    {
        var chunks = (int)(((long)Count + (1L << ChunkShift) - 1) >> ChunkShift);
        if (Count < 0 || Codes.Length < chunks || Scales.Length < chunks || (residuals && Residuals.Length < chunks))
            throw new ArgumentException($"{Count} rows need {chunks} chunks of {1L << ChunkShift} rows.", "table");
    }
}
