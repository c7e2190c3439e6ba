using System.Runtime.InteropServices;

namespace KgOrleans.Kernels.Dot;

/// <summary>
/// User vectors in 6 bits and a sign, for the filter that spares many users most exact scores (<c>CoarseScan</c>): <c>u = Step * code + e</c> with
/// <c>Step = max|u| / 32</c>. By Cauchy and Schwarz the part of a score that the codes miss is at most <c>|e|_2 |x|_2</c>, so a row whose coarse score plus
/// that margin is below the threshold cannot win. Codes of eight users lie together, four components each, so that one row operand serves eight users.
/// </summary>
internal readonly ref struct CoarseUsers
{
    /// <summary>Users of a tile: their accumulators over 32 rows fill half of the vector registers.</summary>
    public const int Tile = 8;

    // Four products of an unsigned row byte and a code stay within an int16: 4 * 255 * 32 = 32640.
    private const float Steps = 32;

    // Vectors outside are scored exactly: margins computed from them could overflow or vanish.
    private const float Least = 1e-15f;
    private const float Most = 1e15f;

    // Ten bits cover every rounding in a margin; what is compared is float32.
    private const double Slack = 1 + (1d / 1024);

    private readonly Span<byte> _memory;
    private readonly int _dimension;

    private CoarseUsers(Span<byte> memory, int count, int dimension)
    {
        _memory = memory;
        _dimension = dimension;
        Count = count;
    }

    /// <summary>Users, without those that fill the last tile.</summary>
    public int Count { get; }

    /// <summary>Codes: per tile, per four components, a group of four bytes of each user.</summary>
    public Span<sbyte> Codes => MemoryMarshal.Cast<byte, sbyte>(_memory[..(Padded(Count) * _dimension)]);

    /// <summary>Start value of each user's sum: takes back the 128 that every row byte is raised by.</summary>
    public Span<int> Starts => MemoryMarshal.Cast<byte, int>(Part(0));

    /// <summary>Value of one code step; 0 where the user has to be scored exactly, NaN where nothing can win.</summary>
    public Span<float> Step => MemoryMarshal.Cast<byte, float>(Part(1));

    /// <summary>|e|_2 in steps, rounded up.</summary>
    public Span<float> Missed => MemoryMarshal.Cast<byte, float>(Part(2));

    /// <summary>Bytes of memory that packing takes.</summary>
    public static int BytesFor(int count, int dimension) => checked(Padded(count) * (dimension + (3 * sizeof(float))));

    /// <summary>Packs users whose dimension is a multiple of 16.</summary>
    /// <param name="users">Row-major vectors.</param>
    /// <param name="dimension">Components of a vector.</param>
    /// <param name="memory">At least <see cref="BytesFor"/> bytes.</param>
    public static CoarseUsers Pack(ReadOnlySpan<float> users, int dimension, Span<byte> memory)
    {
        var count = users.Length / dimension;
        memory = memory[..BytesFor(count, dimension)];
        memory.Clear();
        var packed = new CoarseUsers(memory, count, dimension);
        for (var u = 0; u < count; u++)
            packed.Pack(u, users.Slice(u * dimension, dimension));
        // Places that no user has compare false with every row.
        packed.Step[count..].Fill(float.NaN);
        return packed;
    }

    /// <summary>The memory that holds users packed before.</summary>
    public static CoarseUsers Over(int count, int dimension, Span<byte> memory) => new(memory[..BytesFor(count, dimension)], count, dimension);

    /// <summary>The least coarse score, in steps and margin included, that can belong to a score at or above a threshold.</summary>
    public float Bound(int user, float threshold)
    {
        var step = Step[user];
        if (step == 0)
            return float.NegativeInfinity;
        var bound = threshold / step;
        return float.IsFinite(bound) ? bound - (MathF.Abs(bound) * (1f / (1 << 18))) : bound;
    }

    private static int Padded(int count) => (count + Tile - 1) / Tile * Tile;

    private Span<byte> Part(int part)
    {
        var padded = Padded(Count);
        return _memory.Slice((padded * _dimension) + (part * padded * sizeof(float)), padded * sizeof(float));
    }

    private void Pack(int user, ReadOnlySpan<float> vector)
    {
        var largest = 0f;
        foreach (var x in vector)
            largest = MathF.Max(largest, MathF.Abs(x));
        // Never zero, so that an infinite margin of a row stays infinite.
        Missed[user] = Least;
        if (!(largest >= Least && largest <= Most))
        {
            Step[user] = float.IsNaN(largest) ? float.NaN : 0;
            return;
        }
        var step = largest / Steps;
        var codes = Codes[(user / Tile * Tile * _dimension)..];
        var (missed, sum) = (0d, 0);
        for (var i = 0; i < vector.Length; i++)
        {
            var code = (int)MathF.Round(vector[i] / step);
            codes[(i / 4 * 4 * Tile) + (user % Tile * 4) + (i % 4)] = (sbyte)code;
            sum += code;
            var e = vector[i] - ((double)step * code);
            missed += e * e;
        }
        Starts[user] = -128 * sum;
        Step[user] = step;
        // The 8-bit kernels round the user to 16 bits first.
        var rounded = Math.Sqrt(vector.Length) * Steps / QuantisedUsers.Steps / 2;
        Missed[user] += (float)(((Math.Sqrt(missed) / step) + rounded) * Slack);
    }
}
