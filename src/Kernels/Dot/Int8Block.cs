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
