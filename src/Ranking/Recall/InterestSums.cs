using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// Sums of weights over inverted indexes: every row's sum of the interests that it meets, times (1 + quality). Common symbols are added from their bitmaps while the rows are scored, 16 rows at a time; postings of the others are
/// added one by one to a dense column that is all zero between runs, with a bit for each 64 rows that were touched.
/// </summary>
/// <param name="usesTables">Whether bitmaps are turned into a byte a row and looked up, eight symbols at a time, where <see cref="HasTables"/> allows it; else each is added under a mask. The sums are the same.</param>
/// <remarks>Weights are whole numbers of <see cref="InterestScale"/>: whole numbers add up to the same in any order, and which symbols are common differs from shard to shard.</remarks>
internal sealed unsafe class InterestSums(bool usesTables) : IDisposable
{
    private const int Ahead = 8;
    private const int RowsAhead = 16;

    // Common symbols that a table of sums serves at a time.
    private const int TableSymbols = 8;
    private const int TableEntries = 16;

    private readonly NativeScratch _column = new();

    // Bitmaps of common symbols: held here, read by address.
    private readonly List<ulong[]> _common = [];
    private nint[] _bitmaps = [];
    private int[] _commonWeights = [];
    private int[] _tables = [];
    private ulong[] _touched = [];

    /// <summary>Whether this processor can look sums up in tables.</summary>
    public static bool HasTables => Gfni.V512.IsSupported && Avx512Vbmi.IsSupported;

    /// <summary>Adds up interests and picks the best rows for a channel; when that takes too long, the channel is marked.</summary>
    /// <param name="view">View that the caller holds.</param>
    /// <param name="task">The request.</param>
    /// <param name="channel">The channel, whose quota is positive.</param>
    /// <param name="interests">Keys with positive weights.</param>
    /// <param name="picker">Picks.</param>
    public void Run(PartitionView view, RecallTask task, RecallChannel channel, ReadOnlySpan<RecallInterest> interests, RowPicker picker)
    {
        Reserve(view, interests.Length);
        var scale = InterestScale.Of(interests);
        try
        {
            if (AddAll(view, task, channel, interests, scale))
                Pick(view, task, channel, scale, picker);
        }
        finally
        {
            // Whatever happened: sums that stay would be scores of the next request.
            Clear(view);
            _common.Clear();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _column.Dispose();

    private void Pick(PartitionView view, RecallTask task, RecallChannel channel, InterestScale scale, RowPicker picker)
    {
        if (usesTables)
            FillTables();
        fixed (nint* bitmaps = _bitmaps)
        fixed (int* weights = usesTables ? _tables : _commonWeights)
        fixed (ulong* touched = _touched)
        {
            var scores = new Scores(view, usesTables, _common.Count, bitmaps, weights, (int*)_column.Address, touched, scale.Unit);
            picker.Pick(view, task, channel, ref scores);
        }
    }

    private void Reserve(PartitionView view, int interests)
    {
        var rows = view.ChunkCount << view.ChunkShift;
        if (_column.Reserve((long)rows * sizeof(int)))
            _column.Span<int>(0, rows).Clear();
        if (_touched.Length < (view.BitmapWords + 63) >> 6)
            _touched = new ulong[(view.BitmapWords + 63) >> 6];
        // Whole groups of a table, the last of which may be filled up.
        var room = (interests + TableSymbols) / TableSymbols * TableSymbols;
        if (_commonWeights.Length < room)
            (_bitmaps, _commonWeights, _tables) = (new nint[room], new int[room], new int[room / TableSymbols * 2 * TableEntries]);
    }

    private bool AddAll(PartitionView view, RecallTask task, RecallChannel channel, ReadOnlySpan<RecallInterest> interests, InterestScale scale)
    {
        for (var i = 0; i < interests.Length; i++)
        {
            if (task.IsLate(channel))
                return false;
            // Look-ups wait for memory and not for each other: that of some interests on is asked for early.
            var ahead = interests[Math.Min(i + Ahead, interests.Length - 1)];
            if (IndexOf(view, ahead.Field) is { } next)
                next.Prefetch(ahead.Key);
            else
                view.Rows.PrefetchKey(ahead.Key);
            var weight = scale.Whole(interests[i]);
            if (IndexOf(view, interests[i].Field) is not { } index)
            {
                if (view.Find(interests[i].Key) is >= 0 and var row)
                    Add([row], weight);
                continue;
            }
            var symbol = index.Find(interests[i].Key);
            if (index.Dense(symbol, view.RowCount, view.BitmapWords) is { } bits)
            {
                _commonWeights[_common.Count] = weight;
                _bitmaps[_common.Count] = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(bits));
                _common.Add(bits);
                continue;
            }
            foreach (var rows in index.Rows(symbol, view.RowCount))
                Add(rows, weight);
        }
        return true;
    }

    private static SymbolIndex? IndexOf(PartitionView view, InterestField field) => field switch
    {
        InterestField.Song => view.Rows.Indexes.Songs,
        InterestField.Creator => view.Rows.Indexes.Creators,
        InterestField.Community => view.Rows.Indexes.Communities,
        InterestField.Item => null,
        _ => view.Rows.Indexes.Tags,
    };

    // Pointers in locals, and lines of the column asked for early: the pass over the item vectors has driven it from the caches.
    private void Add(ReadOnlySpan<int> rows, int weight)
    {
        var sums = (int*)_column.Address;
        fixed (ulong* touched = _touched)
        fixed (int* first = rows)
        {
            for (var i = 0; i < rows.Length; i++)
            {
                if (Sse.IsSupported)
                    Sse.Prefetch0(sums + first[Math.Min(i + RowsAhead, rows.Length - 1)]);
                var row = first[i];
                sums[row] += weight;
                touched[row >> 12] |= 1UL << (row >> 6);
            }
        }
    }

    // For every eight common symbols two tables of sixteen sums: of the symbols 4 to 7 and of 0 to 3, the last of each first, as the transposition of their bits leaves them.
    private void FillTables()
    {
        for (var group = 0; group * TableSymbols < _common.Count; group++)
        {
            for (var i = Math.Max(0, _common.Count - (group * TableSymbols)); i < TableSymbols; i++)
                (_bitmaps[(group * TableSymbols) + i], _commonWeights[(group * TableSymbols) + i]) = (_bitmaps[0], 0);
            for (var entry = 0; entry < 2 * TableEntries; entry++)
            {
                var (sum, last) = (0, (group * TableSymbols) + (entry < TableEntries ? 7 : 3));
                for (var bit = 0; bit < 4; bit++)
                    sum += (entry >> bit & 1) * _commonWeights[last - bit];
                _tables[(group * 2 * TableEntries) + entry] = sum;
            }
        }
    }

    private void Clear(PartitionView view)
    {
        var words = (view.BitmapWords + 63) >> 6;
        for (var group = 0; group < words; group++)
        {
            for (var rest = _touched[group]; rest != 0; rest &= rest - 1)
            {
                var sums = (int*)_column.Address + ((((nint)group << 6) + BitOperations.TrailingZeroCount(rest)) << 6);
                Vector512<int>.Zero.Store(sums);
                Vector512<int>.Zero.Store(sums + 16);
                Vector512<int>.Zero.Store(sums + 32);
                Vector512<int>.Zero.Store(sums + 48);
            }
            _touched[group] = 0;
        }
    }

    /// <summary>The sums as scores. A struct that the picker is compiled for.</summary>
    private struct Scores(PartitionView view, bool usesTables, int common, nint* bitmaps, int* weights, int* column, ulong* touched, float unit) : IRowScores
    {
        private int _firstWord;
        private float* _qualities;

        public void Enter(int chunk)
        {
            _firstWord = chunk << (view.ChunkShift - 6);
            _qualities = view.Rows.ColumnsOfChunk(chunk).Qualities;
        }

        public readonly float* Of(int word, float floor, ref ulong rows, float* scratch)
        {
            var at = _firstWord + word;
            var (a, b, c, d) = (Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero);
            if ((touched[at >> 6] >> at & 1) != 0)
            {
                var sums = column + ((nint)at << 6);
                (a, b, c, d) = (Vector512.Load(sums), Vector512.Load(sums + 16), Vector512.Load(sums + 32), Vector512.Load(sums + 48));
            }
            else if (common == 0)
            {
                rows = 0;
                return scratch;
            }
            for (var i = 0; usesTables && i < common; i += TableSymbols)
            {
                var symbols = Transpose(bitmaps + i, at);
                var tables = weights + (i / TableSymbols * 2 * TableEntries);
                var (last, first) = (Vector512.Load(tables), Vector512.Load(tables + TableEntries));
                a += LookUp(symbols.GetLower().GetLower(), last, first);
                b += LookUp(symbols.GetLower().GetUpper(), last, first);
                c += LookUp(symbols.GetUpper().GetLower(), last, first);
                d += LookUp(symbols.GetUpper().GetUpper(), last, first);
            }
            for (var i = 0; !usesTables && i < common; i++)
            {
                var bits = ((ulong*)bitmaps[i])[at];
                var (low, high, weight) = (Vector512.Create((int)bits), Vector512.Create((int)(bits >> 32)), Vector512.Create(weights[i]));
                a += Where(low, Lanes, weight);
                b += Where(low, Lanes << 16, weight);
                c += Where(high, Lanes, weight);
                d += Where(high, Lanes << 16, weight);
            }
            var qualities = _qualities + (word << 6);
            // Most words hold nothing that reaches the floor: their scores are never written.
            var (p, q, r, s) = (Score(a, qualities), Score(b, qualities + 16), Score(c, qualities + 32), Score(d, qualities + 48));
            rows &= Reaching(p, floor) | (Reaching(q, floor) << 16) | (Reaching(r, floor) << 32) | (Reaching(s, floor) << 48);
            if (rows == 0)
                return scratch;
            p.Store(scratch);
            q.Store(scratch + 16);
            r.Store(scratch + 32);
            s.Store(scratch + 48);
            return scratch;
        }

        // Eight bitmaps' words of 64 rows become a byte a row, bit 7 for the first bitmap: bytes change places so that eight bytes hold eight rows, then the bits within it.
        private static Vector512<byte> Transpose(nint* bitmaps, int at)
        {
            var words = Vector512.Create(
                ((ulong*)bitmaps[0])[at], ((ulong*)bitmaps[1])[at], ((ulong*)bitmaps[2])[at], ((ulong*)bitmaps[3])[at], ((ulong*)bitmaps[4])[at], ((ulong*)bitmaps[5])[at], ((ulong*)bitmaps[6])[at], ((ulong*)bitmaps[7])[at]);
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

        private static Vector512<int> Lanes => Vector512.Create(1, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15);

        private static Vector512<int> Where(Vector512<int> bits, Vector512<int> lanes, Vector512<int> weight) =>
            Vector512.ConditionalSelect(Vector512.Equals(bits & lanes, lanes), weight, Vector512<int>.Zero);

        // Scores of 16 sums: 0 of rows that met no interest.
        private readonly Vector512<float> Score(Vector512<int> sums, float* qualities)
        {
            var quality = Vector512.Load(qualities);
            quality = Vector512.ConditionalSelect(Vector512.Equals(quality, quality), quality, Vector512.Create(RowReader.UnknownQuality));
            return Vector512.ConvertToSingle(sums) * unit * (Vector512<float>.One + quality);
        }

        private static ulong Reaching(Vector512<float> scores, float floor) =>
            Vector512.GreaterThanOrEqual(scores, Vector512.Create(MathF.Max(floor, float.Epsilon))).ExtractMostSignificantBits();
    }
}
