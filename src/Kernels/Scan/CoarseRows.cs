using System.Runtime.Intrinsics;
using KgOrleans.Kernels.Dot;

namespace KgOrleans.Kernels.Scan;

/// <summary>
/// 8-bit rows as the coarse filter reads them. The codes are the rows' own, so that the filter misses the rounding of the user alone.
/// </summary>
/// <param name="codes">Row-major codes.</param>
/// <param name="scales">One scale a row.</param>
/// <param name="dimension">Components of a row.</param>
/// <param name="users">16-bit codes of the users.</param>
/// <param name="userScales">One scale a user.</param>
/// <param name="last">Scratch memory for the last rows, when they do not fill a step: <see cref="AtATime"/> rows.</param>
internal readonly unsafe struct CoarseRows(sbyte* codes, float* scales, int dimension, short* users, float* userScales, sbyte* last)
{
    /// <summary>Rows of a step.</summary>
    public const int AtATime = 32;

    // Steps outside could overflow or vanish in products.
    private const float Least = 1e-20f;
    private const float Most = 1e15f;

    /// <summary>
    /// Points at the codes of 32 rows, row-major, and fills in, per row, the value of a code step: 0 for a row of zeros, NaN where nothing can win, infinite where the row has to be scored exactly.
    /// Rows past <paramref name="count"/> have codes of any kind and a NaN.
    /// </summary>
    public sbyte* Load(int row, int count, float* steps)
    {
        var from = codes + ((nint)row * dimension);
        if (count < AtATime)
        {
            new ReadOnlySpan<sbyte>(from, count * dimension).CopyTo(new Span<sbyte>(last, count * dimension));
            for (var i = 0; i < AtATime; i++)
                steps[i] = i < count ? scales[row + i] : float.NaN;
            Classify(Vector512.Load(steps)).Store(steps);
            Classify(Vector512.Load(steps + 16)).Store(steps + 16);
            return last;
        }
        Classify(Vector512.Load(scales + row)).Store(steps);
        Classify(Vector512.Load(scales + row + 16)).Store(steps + 16);
        return from;
    }

    /// <summary>Start of the codes of a row.</summary>
    public byte* At(int row) => (byte*)(codes + ((nint)row * dimension));

    /// <summary>The exact score of a row for a user.</summary>
    public float Score(int row, int user) =>
        Int8Dot.Score(Int8Dot.Width512.Sum(codes + ((nint)row * dimension), users + ((nint)user * dimension), dimension), scales[row], userScales[user]);

    // Zero and NaN stay what they are.
    private static Vector512<float> Classify(Vector512<float> scale)
    {
        var unfit = Vector512.LessThan(scale, Vector512.Create(Least)) & Vector512.GreaterThan(scale, Vector512<float>.Zero);
        unfit |= Vector512.GreaterThan(scale, Vector512.Create(Most));
        return Vector512.ConditionalSelect(unfit, Vector512.Create(float.PositiveInfinity), scale);
    }
}
