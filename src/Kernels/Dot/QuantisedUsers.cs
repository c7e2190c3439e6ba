using System.Runtime.InteropServices;

namespace KgOrleans.Kernels.Dot;

/// <summary>
/// User vectors in the form that the 8-bit kernels read, packed into the caller's memory once a scan. A user's codes have 16 bits (they cost nothing more than
/// 8:
/// the multiplier takes 16-bit operands anyway): <c>scale = max|u| / 32767</c>, codes rounded to nearest even.
/// <para>
/// The score of a row is <c>(float)(sum of code_x code_u) * (rowScale * userScale)</c> with the sum exact in int32. Against the inner product of the float32
/// vectors it is off by at most <c>rowScale / 2 |u|_1 + userScale / 2 |x'|_1</c> (x' the dequantised row) plus 2^-21 of that score's magnitude.
/// </para>
/// A zero user scores 0 on every row; a user with a NaN or an infinity scores NaN on every row.
/// </summary>
public readonly ref struct QuantisedUsers
{
    /// <summary>Codes of a user lie within -32767..32767.</summary>
    internal const float Steps = 32767;

    private readonly ReadOnlySpan<short> _codes;
    private readonly ReadOnlySpan<float> _scales;

    private readonly Span<byte> _coarse;

    private QuantisedUsers(int count, int dimension, ReadOnlySpan<short> codes, ReadOnlySpan<float> scales, ReadOnlySpan<float> vectors, Span<byte> coarse)
    {
        Count = count;
        Dimension = dimension;
        _codes = codes;
        _scales = scales;
        Vectors = vectors;
        _coarse = coarse;
    }

    /// <summary>Number of users, at least 1.</summary>
    public int Count { get; }

    /// <summary>Components of a vector.</summary>
    public int Dimension { get; }

    /// <summary>The float32 vectors that were packed.</summary>
    public ReadOnlySpan<float> Vectors { get; }

    /// <summary>Bytes of scratch memory that packing takes.</summary>
    /// <param name="count">Number of users.</param>
    /// <param name="dimension">Components of a vector.</param>
    public static int BytesFor(int count, int dimension) =>
        checked((count * ((dimension * sizeof(short)) + sizeof(float))) + CoarseUsers.BytesFor(count, dimension));

    /// <summary>Packs users.</summary>
    /// <param name="users">Row-major vectors, <c>count * dimension</c> components; kept by reference.</param>
    /// <param name="dimension">Components of a vector: a multiple of 16, at most 512.</param>
    /// <param name="memory">At least <see cref="BytesFor"/> bytes, in use for as long as the result is.</param>
    /// <exception cref="ArgumentOutOfRangeException">The dimension has no 8-bit path.</exception>
    /// <exception cref="ArgumentException">There is no user, a part of one, or too little memory.</exception>
    public static QuantisedUsers Pack(ReadOnlySpan<float> users, int dimension, Span<byte> memory)
    {
        Int8Rows.RequireDimension(dimension);
        if (users.IsEmpty || users.Length % dimension != 0)
            throw new ArgumentException($"{users.Length} values are not whole vectors of {dimension} components.", nameof(users));
        var count = users.Length / dimension;
        if (memory.Length < BytesFor(count, dimension))
            throw new ArgumentException($"{count} users of {dimension} components need {BytesFor(count, dimension)} bytes.", nameof(memory));
        var scales = MemoryMarshal.Cast<byte, float>(memory)[..count];
        var codes = MemoryMarshal.Cast<byte, short>(memory[(count * sizeof(float))..])[..(count * dimension)];
        for (var u = 0; u < count; u++)
            scales[u] = Quantise(users.Slice(u * dimension, dimension), codes.Slice(u * dimension, dimension));
        var coarse = memory.Slice(count * ((dimension * sizeof(short)) + sizeof(float)), CoarseUsers.BytesFor(count, dimension));
        if (count > 1)
            CoarseUsers.Pack(users, dimension, coarse);
        return new QuantisedUsers(count, dimension, codes, scales, users, coarse);
    }

    /// <summary>The users as the coarse filter reads them; packed when there are two or more.</summary>
    internal CoarseUsers Coarse => CoarseUsers.Over(Count, Dimension, _coarse);

    /// <summary>Codes of one user, in the order of the components.</summary>
    internal ReadOnlySpan<short> Codes(int user) => _codes.Slice(user * Dimension, Dimension);

    /// <summary>Scales of all users.</summary>
    internal ReadOnlySpan<float> Scales => _scales;

    /// <summary>Scale of one user.</summary>
    internal float Scale(int user) => _scales[user];

    private static float Quantise(ReadOnlySpan<float> user, Span<short> codes)
    {
        var largest = 0f;
        foreach (var x in user)
            largest = MathF.Max(largest, MathF.Abs(x));
        if (!(largest >= Int8Rows.Smallest) || !float.IsFinite(largest))
        {
            codes.Clear();
            return float.IsFinite(largest) ? 0 : float.NaN;
        }
        var inverse = Steps / largest;
        for (var i = 0; i < user.Length; i++)
            codes[i] = (short)MathF.Round(user[i] * inverse);
        return largest / Steps;
    }
}
