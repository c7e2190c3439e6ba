using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace KgOrleans.Kernels.Dot;

/// <summary>
/// The 8-bit form of a float32 row: symmetric codes under one scale a row, and optionally a second plane of 8-bit residuals for re-scoring.
/// <para>
/// <c>scale = max|x| / 127</c>, <c>code = round(x / scale)</c> to nearest, ties to even, within -127..127 (-128 never occurs): <c>|x - scale code| &lt;= scale
/// / 2</c>.
/// <c>residual = round((x - scale code) * 254 / scale)</c> within -127..127: <c>|x - scale / 254 (254 code + residual)| &lt;= scale / 508</c>, about 16 bits in
/// all.
/// Both hold up to float32 rounding (2^-22 of max|x|). The residual needs no scale of its own.
/// </para>
/// A row of zeros, or one whose largest component is below <see cref="Smallest"/>, has scale 0 and codes 0: it scores 0. A row that holds a NaN or an infinity
/// has scale NaN and codes 0: it scores NaN and never wins.
/// </summary>
public static partial class Int8Rows
{
    /// <summary>Rows have a multiple of this many components; others are padded with zeros by the caller, which changes no score.</summary>
    public const int DimensionStep = 16;

    /// <summary>
    /// The largest dimension: up to here an int32 sum of products of 8-bit codes and 16-bit user codes cannot overflow (127 * 32767 * 512 &lt; 2^31).
    /// </summary>
    public const int LargestDimension = 512;

    /// <summary>
    /// Rows without a component of at least this magnitude count as zero: their scale, or its reciprocal, would leave the normal range of float32.
    /// </summary>
    public const float Smallest = 1e-30f;

    private const float Steps = 127;
    private const float ResidualSteps = 254;

    /// <summary>Quantises one row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="codes">Receives one code a component.</param>
    /// <returns>The row's scale.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static float Quantise(ReadOnlySpan<float> row, Span<sbyte> codes)
    {
        if (codes.Length != row.Length)
            throw new ArgumentException($"{row.Length} components do not fit {codes.Length} codes.", nameof(codes));
        var largest = Largest(row);
        if (!(largest >= Smallest) || !float.IsFinite(largest))
        {
            codes.Clear();
            return float.IsFinite(largest) ? 0 : float.NaN;
        }
        var inverse = Steps / largest;
        var i = Vector128.IsHardwareAccelerated ? QuantiseBlocks(row, codes, inverse) : 0;
        for (; i < row.Length; i++)
            codes[i] = (sbyte)MathF.Round(row[i] * inverse);
        return largest / Steps;
    }

    /// <summary>Quantises one row into codes and residuals.</summary>
    /// <param name="row">The row.</param>
    /// <param name="codes">Receives one code a component.</param>
    /// <param name="residuals">Receives one residual a component.</param>
    /// <returns>The row's scale, the same as without residuals.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static float Quantise(ReadOnlySpan<float> row, Span<sbyte> codes, Span<sbyte> residuals)
    {
        if (residuals.Length != row.Length)
            throw new ArgumentException($"{row.Length} components do not fit {residuals.Length} residuals.", nameof(residuals));
        var scale = Quantise(row, codes);
        if (!(scale > 0))
        {
            residuals.Clear();
            return scale;
        }
        var inverse = ResidualSteps / scale;
        var i = Vector128.IsHardwareAccelerated ? ResidualBlocks(row, codes, residuals, scale, inverse) : 0;
        for (; i < row.Length; i++)
            residuals[i] = (sbyte)Math.Clamp(MathF.Round((row[i] - (scale * codes[i])) * inverse), -Steps, Steps);
        return scale;
    }

    /// <summary>Restores a row from its codes.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Dequantise(ReadOnlySpan<sbyte> codes, float scale, Span<float> row)
    {
        if (codes.Length != row.Length)
            throw new ArgumentException($"{codes.Length} codes do not make {row.Length} components.", nameof(row));
        for (var i = 0; i < row.Length; i++)
            row[i] = scale * codes[i];
    }

    /// <summary>Restores a row from its codes and residuals: exactly the row that <see cref="Int8Rescore"/> scores.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Dequantise(ReadOnlySpan<sbyte> codes, ReadOnlySpan<sbyte> residuals, float scale, Span<float> row)
    {
        if (codes.Length != row.Length || residuals.Length != row.Length)
            throw new ArgumentException($"{codes.Length} codes and {residuals.Length} residuals do not make {row.Length} components.", nameof(row));
        var step = scale / ResidualSteps;
        for (var i = 0; i < row.Length; i++)
            row[i] = step * ((254 * codes[i]) + residuals[i]);
    }

    /// <summary>Refuses dimensions that the 8-bit kernels have no path for.</summary>
    internal static void RequireDimension(int dimension)
    {
        if (dimension < DimensionStep || dimension > LargestDimension || dimension % DimensionStep != 0)
            throw new ArgumentOutOfRangeException(
                nameof(dimension), dimension, $"8-bit rows have a multiple of {DimensionStep} components, at most {LargestDimension}: pad with zeros.");
    }

    // NaN when any component is NaN, infinity when any is infinite and none NaN: magnitudes compare as integers, in which a NaN is the larger.
    private static float Largest(ReadOnlySpan<float> row)
    {
        var bits = MemoryMarshal.Cast<float, int>(row);
        var largest = 0;
        var i = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            var most = Vector128<int>.Zero;
            for (; i <= bits.Length - 4; i += 4)
                most = Vector128.Max(most, Vector128.Create(bits[i..]) & Vector128.Create(int.MaxValue));
            most = Vector128.Max(most, Vector128.Shuffle(most, Vector128.Create(2, 3, 0, 1)));
            largest = Math.Max(most[0], most[1]);
        }
        for (; i < bits.Length; i++)
            largest = Math.Max(largest, bits[i] & int.MaxValue);
        return BitConverter.Int32BitsToSingle(largest);
    }
}
