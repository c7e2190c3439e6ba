namespace KgOrleans.Kernels.Dot;

/// <summary>A run of 8-bit rows in native memory, as a chunk of a partition holds them.</summary>
/// <param name="Codes">Row-major codes, <c>Count * dimension</c> bytes; 64-byte alignment is faster, nothing depends on it.</param>
/// <param name="Scales">One scale a row.</param>
/// <param name="Keys">One key a row, for ties; used by scans only.</param>
/// <param name="FirstRow">Row number of the first row.</param>
/// <param name="Count">Number of rows.</param>
public readonly unsafe record struct Int8Block(nint Codes, nint Scales, nint Keys, int FirstRow, int Count)
{
    internal sbyte* CodePointer => (sbyte*)Codes;

    internal float* ScalePointer => (float*)Scales;

    internal ulong* KeyPointer => (ulong*)Keys;
}

/// <summary>A run of float32 rows in native memory.</summary>
/// <param name="Rows">Row-major components.</param>
/// <param name="Keys">One key a row, for ties; 0 when ties may go by row.</param>
/// <param name="FirstRow">Row number of the first row.</param>
/// <param name="Count">Number of rows.</param>
public readonly unsafe record struct Float32Block(nint Rows, nint Keys, int FirstRow, int Count)
{
    internal float* RowPointer => (float*)Rows;

    internal ulong* KeyPointer => (ulong*)Keys;
}

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
