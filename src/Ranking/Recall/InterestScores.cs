using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>The sums as scores. A struct that the picker is compiled for.</summary>
/// <param name="view">The view.</param>
/// <param name="usesTables">Whether common symbols are looked up in tables.</param>
/// <param name="tags">The first common symbols: each counts by the row's <see cref="TagShare"/> when there is a <paramref name="prior"/>.</param>
/// <param name="common">Common symbols.</param>
/// <param name="bitmaps">Their bitmaps.</param>
/// <param name="weights">Their weights, or the tables.</param>
/// <param name="column">Sums of the other symbols.</param>
/// <param name="touched">Which words of rows they touched, a bit each.</param>
/// <param name="unit">Weight that a sum of 1 stands for.</param>
/// <param name="prior">Moment of the column whose priors multiply the scores; null for none.</param>
internal unsafe struct InterestScores(
    PartitionView view, bool usesTables, int tags, int common, nint* bitmaps, int* weights, int* column, ulong* touched, float unit, HotMoment? prior)
    : IRowScores
{
    /// <summary>Common symbols that a table of sums serves at a time.</summary>
    public const int TableSymbols = 8;

    /// <summary>Sums of a table: of every set of four symbols.</summary>
    public const int TableEntries = 16;

    private int _firstWord;
    private float* _qualities;
    private byte* _shares;

    // Pinned as long as it is held.
    private HotColumn? _hot;
    private float* _priors;

    public void Enter(int chunk)
    {
        _firstWord = chunk << (view.ChunkShift - 6);
        var columns = view.Rows.ColumnsOfChunk(chunk);
        _qualities = columns.Qualities;
        _shares = columns.TagShares;
        if (prior is not { } moment)
            return;
        _hot = HotColumn.Of(view, chunk, moment);
        _priors = (float*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_hot.Priors));
    }

    public readonly float* Of(int word, float floor, ref ulong rows, float* scratch)
    {
        var at = _firstWord + word;
        var (a, b, c, d) = (Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero);
        var isTouched = (touched[at >> 6] >> at & 1) != 0;
        if (!isTouched && common == 0)
        {
            rows = 0;
            return scratch;
        }
        if (tags > 0)
        {
            Add(at, 0, tags, ref a, ref b, ref c, ref d);
            var shares = _shares + (word << 6);
            (a, b, c, d) = (a * Shares(shares), b * Shares(shares + 16), c * Shares(shares + 32), d * Shares(shares + 48));
        }
        Add(at, tags, common, ref a, ref b, ref c, ref d);
        if (isTouched)
        {
            var sums = column + ((nint)at << 6);
            a += Vector512.Load(sums);
            b += Vector512.Load(sums + 16);
            c += Vector512.Load(sums + 32);
            d += Vector512.Load(sums + 48);
        }
        // Most words hold nothing that reaches the floor: their scores are never written.
        var first = word << 6;
        var (p, q, r, s) = (Score(a, first), Score(b, first + 16), Score(c, first + 32), Score(d, first + 48));
        rows &= Reaching(p, floor) | (Reaching(q, floor) << 16) | (Reaching(r, floor) << 32) | (Reaching(s, floor) << 48);
        if (rows == 0)
            return scratch;
        p.Store(scratch);
        q.Store(scratch + 16);
        r.Store(scratch + 32);
        s.Store(scratch + 48);
        return scratch;
    }

    // Adds common symbols, from the first to before the end.
    private readonly void Add(int at, int from, int end, ref Vector512<int> a, ref Vector512<int> b, ref Vector512<int> c, ref Vector512<int> d)
    {
        for (var i = from; usesTables && i < end; i += TableSymbols)
        {
            var symbols = Transpose(bitmaps + i, at);
            var tables = weights + (i / TableSymbols * 2 * TableEntries);
            var (last, first) = (Vector512.Load(tables), Vector512.Load(tables + TableEntries));
            a += LookUp(symbols.GetLower().GetLower(), last, first);
            b += LookUp(symbols.GetLower().GetUpper(), last, first);
            c += LookUp(symbols.GetUpper().GetLower(), last, first);
            d += LookUp(symbols.GetUpper().GetUpper(), last, first);
        }
        for (var i = from; !usesTables && i < end; i++)
        {
            var bits = ((ulong*)bitmaps[i])[at];
            var (low, high, weight) = (Vector512.Create((int)bits), Vector512.Create((int)(bits >> 32)), Vector512.Create(weights[i]));
            a += Where(low, Lanes, weight);
            b += Where(low, Lanes << 16, weight);
            c += Where(high, Lanes, weight);
            d += Where(high, Lanes << 16, weight);
        }
    }

    // The tag shares of 16 rows.
    private static Vector512<int> Shares(byte* stored)
    {
        var (low, high) = Vector128.Widen(Vector128.Load(stored));
        var (first, second) = Vector256.Widen(Vector256.Create(low, high));
        return Vector512.Create(first, second).AsInt32() + Vector512<int>.One;
    }

    // Eight bitmaps' words of 64 rows become a byte a row, bit 7 for the first bitmap: bytes change places so that eight bytes hold eight rows, then
    // the bits within it.
    private static Vector512<byte> Transpose(nint* bitmaps, int at)
    {
        var words = Vector512.Create(
            ((ulong*)bitmaps[0])[at], ((ulong*)bitmaps[1])[at], ((ulong*)bitmaps[2])[at], ((ulong*)bitmaps[3])[at], ((ulong*)bitmaps[4])[at],
            ((ulong*)bitmaps[5])[at], ((ulong*)bitmaps[6])[at], ((ulong*)bitmaps[7])[at]);
        var bytes = Avx512Vbmi.PermuteVar64x8(
            words.AsByte(),
            Vector512.Create(
                (byte)0, 8, 16, 24, 32, 40, 48, 56, 1, 9, 17, 25, 33, 41, 49, 57, 2, 10, 18, 26, 34, 42, 50, 58, 3, 11, 19, 27, 35, 43, 51, 59,
                4, 12, 20, 28, 36, 44, 52, 60, 5, 13, 21, 29, 37, 45, 53, 61, 6, 14, 22, 30, 38, 46, 54, 62, 7, 15, 23, 31, 39, 47, 55, 63));
        return Gfni.V512.GaloisFieldAffineTransform(Vector512.Create(0x8040_2010_0804_0201UL).AsByte(), bytes, 0);
    }

    // The sums of 16 rows: a permutation takes the lower four bits of a place for the number of an entry.
    private static Vector512<int> LookUp(Vector128<byte> symbols, Vector512<int> last, Vector512<int> first)
    {
        var places = Avx512F.ConvertToVector512Int32(symbols);
        return Avx512F.PermuteVar16x32(last, places) + Avx512F.PermuteVar16x32(first, Vector512.ShiftRightLogical(places, 4));
    }

    private static Vector512<int> Lanes =>
        Vector512.Create(1, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15);

    private static Vector512<int> Where(Vector512<int> bits, Vector512<int> lanes, Vector512<int> weight) =>
        Vector512.ConditionalSelect(Vector512.Equals(bits & lanes, lanes), weight, Vector512<int>.Zero);

    // Scores of 16 sums: 0 of rows that met no interest.
    private readonly Vector512<float> Score(Vector512<int> sums, int row)
    {
        var quality = Vector512.Load(_qualities + row);
        quality = Vector512.ConditionalSelect(Vector512.Equals(quality, quality), quality, Vector512.Create(RowReader.UnknownQuality));
        var scores = Vector512.ConvertToSingle(sums) * unit * (Vector512<float>.One + quality);
        return _priors is null ? scores : scores * Vector512.Load(_priors + row);
    }

    private static ulong Reaching(Vector512<float> scores, float floor) =>
        Vector512.GreaterThanOrEqual(scores, Vector512.Create(MathF.Max(floor, float.Epsilon))).ExtractMostSignificantBits();
}
