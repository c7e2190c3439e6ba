using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// Sums of weights over inverted indexes: every row's sum of the interests that it meets, times (1 + quality). In the index channel each tag counts by the
/// row's <see cref="TagShare"/>, and the whole is multiplied by the prior of <see cref="HotColumn"/>. Common symbols are added from their
/// bitmaps while the rows are scored, 16 rows at a time; postings of the others are added one by one to a dense column that is all zero between runs,
/// with a bit for each 64 rows that were touched.
/// </summary>
/// <param name="usesTables">Whether bitmaps are turned into a byte a row and looked up, eight symbols at a time, where <see cref="HasTables"/> allows
/// it; else each is added under a mask. The sums are the same.</param>
/// <remarks>
/// Weights are whole numbers of <see cref="InterestScale"/>: whole numbers add up to the same in any order, and which symbols are common differs from
/// shard to shard.
/// </remarks>
internal sealed unsafe class InterestSums(bool usesTables) : IDisposable
{
    private const int Ahead = 8;
    private const int RowsAhead = 16;

    private readonly NativeScratch _column = new();

    // Bitmaps of common symbols: held here, read by address. Those of tags stand before the others.
    private readonly List<(ulong[] Rows, int Weight)> _commonTags = [];
    private readonly List<(ulong[] Rows, int Weight)> _commonOthers = [];
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
        // Only the index channel says how much an item is about an interest; the others say whose or what it is.
        var informs = channel == RecallChannel.Index;
        var scale = InterestScale.Of(interests, informs ? TagShare.Bits : 0);
        try
        {
            if (AddAll(view, task, channel, interests, scale, informs))
                Pick(view, task, channel, scale, picker, informs);
        }
        finally
        {
            // Also after a failure: sums that stay would become scores of the next request.
            Clear(view);
            _commonTags.Clear();
            _commonOthers.Clear();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _column.Dispose();

    private void Pick(PartitionView view, RecallTask task, RecallChannel channel, InterestScale scale, RowPicker picker, bool informs)
    {
        var (tags, common) = Place();
        if (usesTables)
            FillTables(common);
        fixed (nint* bitmaps = _bitmaps)
        fixed (int* weights = usesTables ? _tables : _commonWeights)
        fixed (ulong* touched = _touched)
        {
            var scores = new InterestScores(
                view, usesTables, tags, common, bitmaps, weights, (int*)_column.Address, touched, scale.Unit, informs ? task.Moment : null);
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
        // Whole groups of a table, of tags and of others: the last of each may be filled up.
        var room = (interests + (2 * InterestScores.TableSymbols)) / InterestScores.TableSymbols * InterestScores.TableSymbols;
        if (_commonWeights.Length < room)
        {
            (_bitmaps, _commonWeights) = (new nint[room], new int[room]);
            _tables = new int[room / InterestScores.TableSymbols * 2 * InterestScores.TableEntries];
        }
    }

    private bool AddAll(PartitionView view, RecallTask task, RecallChannel channel, ReadOnlySpan<RecallInterest> interests, InterestScale scale, bool informs)
    {
        for (var i = 0; i < interests.Length; i++)
        {
            if (task.IsLate(channel))
                return false;
            // Look-ups wait for memory, not for each other: interests some places ahead are prefetched.
            var ahead = interests[Math.Min(i + Ahead, interests.Length - 1)];
            if (IndexOf(view, ahead.Field) is { } next)
                next.Prefetch(ahead.Key);
            else
                view.Rows.PrefetchKey(ahead.Key);
            var isShared = informs && interests[i].Field == InterestField.Tag;
            var weight = informs && !isShared ? scale.Whole(interests[i]) << TagShare.Bits : scale.Whole(interests[i]);
            if (IndexOf(view, interests[i].Field) is not { } index)
            {
                if (view.Find(interests[i].Key) is >= 0 and var row)
                    Add([row], weight);
                continue;
            }
            var symbol = index.Find(interests[i].Key);
            if (index.Dense(symbol, view.RowCount, view.BitmapWords) is { } bits)
            {
                (isShared ? _commonTags : _commonOthers).Add((bits, weight));
                continue;
            }
            foreach (var rows in index.Rows(symbol, view.RowCount))
            {
                if (isShared)
                    AddShared(view, rows, weight);
                else
                    Add(rows, weight);
            }
        }
        return true;
    }

    /// <summary>Index of a sort of interest; null for items themselves.</summary>
    public static SymbolIndex? IndexOf(PartitionView view, InterestField field) => field switch
    {
        InterestField.Song => view.Rows.Indexes.Songs,
        InterestField.Creator => view.Rows.Indexes.Creators,
        InterestField.Community => view.Rows.Indexes.Communities,
        InterestField.Item => null,
        _ => view.Rows.Indexes.Tags,
    };

    // Pointers in locals and prefetched lines of the column: the pass over the item vectors has evicted it from the caches.
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

    // A tag counts by what share of an item's tags it is.
    private void AddShared(PartitionView view, ReadOnlySpan<int> rows, int weight)
    {
        var sums = (int*)_column.Address;
        var (chunk, mask) = (-1, (1 << view.ChunkShift) - 1);
        byte* shares = null;
        fixed (ulong* touched = _touched)
        fixed (int* first = rows)
        {
            for (var i = 0; i < rows.Length; i++)
            {
                if (Sse.IsSupported)
                    Sse.Prefetch0(sums + first[Math.Min(i + RowsAhead, rows.Length - 1)]);
                var row = first[i];
                if (row >> view.ChunkShift != chunk)
                    shares = view.Rows.ColumnsOfChunk(chunk = row >> view.ChunkShift).TagShares;
                sums[row] += weight * (shares[row & mask] + 1);
                touched[row >> 12] |= 1UL << (row >> 6);
            }
        }
    }

    // The common symbols in their places, tags before others. Tables serve eight at a time: a group of tags is then filled up with bitmaps of no weight.
    private (int Tags, int Common) Place()
    {
        var count = 0;
        foreach (var (rows, weight) in _commonTags)
            Place(rows, weight, count++);
        while (usesTables && count > 0 && count % InterestScores.TableSymbols != 0)
            Place(_commonTags[0].Rows, 0, count++);
        var tags = count;
        foreach (var (rows, weight) in _commonOthers)
            Place(rows, weight, count++);
        return (tags, count);
    }

    private void Place(ulong[] rows, int weight, int place) =>
        (_bitmaps[place], _commonWeights[place]) = ((nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(rows)), weight);

    // For every eight common symbols two tables of sixteen sums: of the symbols 4 to 7 and of 0 to 3, the last of each first, as the transposition of
    // their bits leaves them.
    private void FillTables(int common)
    {
        for (var group = 0; group * InterestScores.TableSymbols < common; group++)
        {
            for (var i = Math.Max(0, common - (group * InterestScores.TableSymbols)); i < InterestScores.TableSymbols; i++)
                (_bitmaps[(group * InterestScores.TableSymbols) + i], _commonWeights[(group * InterestScores.TableSymbols) + i]) = (_bitmaps[0], 0);
            for (var entry = 0; entry < 2 * InterestScores.TableEntries; entry++)
            {
                var (sum, last) = (0, (group * InterestScores.TableSymbols) + (entry < InterestScores.TableEntries ? 7 : 3));
                for (var bit = 0; bit < 4; bit++)
                    sum += (entry >> bit & 1) * _commonWeights[last - bit];
                _tables[(group * 2 * InterestScores.TableEntries) + entry] = sum;
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
}
