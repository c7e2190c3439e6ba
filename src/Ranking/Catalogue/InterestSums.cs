using System.Numerics;
using System.Runtime.Intrinsics;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// Sums of weights over inverted indexes: every row's sum of the interests that it meets, times (1 + quality), offered to a stream. The sums are a dense column that is all zero between runs: adding a posting is one load and one
/// store, and the pass that offers and clears it is vectorised. As long as few rows were touched they are kept in a list instead, so that a short walk costs what it touches.
/// </summary>
internal sealed unsafe class InterestSums : IDisposable
{
    // Beyond this share of the rows a pass over the column is cheaper than walking a list of rows in no order.
    private const int SparseShare = 16;

    private const int Ahead = 8;

    // Scores are positive: the upper half of their bits orders them, thirty-two bins to a doubling.
    private const int BinShift = 18;

    private readonly NativeScratch _column = new();
    private int[] _touched = [];
    private float[] _scores = [];
    private ulong[] _touchedBits = [];
    private readonly int[] _bins = new int[1 << (31 - BinShift)];
    private int _count;
    private bool _isSparse;

    /// <summary>Offers the eligible rows that meet some interests to a request's stream.</summary>
    /// <param name="view">View that the caller holds.</param>
    /// <param name="task">The request.</param>
    /// <param name="channel">Channel whose time it takes.</param>
    /// <param name="interests">Keys with positive weights.</param>
    /// <returns>Whether it came to its end in the channel's time; if not, what the stream holds is worth nothing.</returns>
    public bool Run(PartitionView view, RecallTask task, RecallChannel channel, ReadOnlySpan<RecallInterest> interests)
    {
        Reserve(view);
        var sums = (float*)_column.Address;
        for (var i = 0; i < interests.Length; i++)
        {
            // Look-ups wait for memory and not for each other: that of some interests on is asked for early.
            var ahead = interests[Math.Min(i + Ahead, interests.Length - 1)];
            IndexOf(view, ahead.Field)?.Prefetch(ahead.Key);
            var interest = interests[i];
            if (!task.IsLate(channel) && Add(view, sums, interest, task, channel))
                continue;
            Clear(view, sums);
            return false;
        }
        if (_isSparse)
            OfferTouched(view, sums, task);
        else
            OfferAll(view, sums, task);
        return !task.IsLate(channel);
    }

    /// <inheritdoc />
    public void Dispose() => _column.Dispose();

    private void Reserve(PartitionView view)
    {
        var rows = (long)view.ChunkCount << view.ChunkShift;
        if (_column.Reserve(rows * sizeof(float)))
            new Span<byte>((void*)_column.Address, checked((int)(rows * sizeof(float)))).Clear();
        if (_touched.Length < (view.RowCount / SparseShare) + 1)
            _touched = new int[(view.RowCount / SparseShare) + 1];
        (_count, _isSparse) = (0, true);
    }

    private static SymbolIndex? IndexOf(PartitionView view, InterestField field) => field switch
    {
        InterestField.Song => view.Rows.Indexes.Songs,
        InterestField.Creator => view.Rows.Indexes.Creators,
        InterestField.Community => view.Rows.Indexes.Communities,
        InterestField.Item => null,
        _ => view.Rows.Indexes.Tags,
    };

    private bool Add(PartitionView view, float* sums, in RecallInterest interest, RecallTask task, RecallChannel channel)
    {
        var weight = interest.Weight;
        if (interest.Field == InterestField.Item)
        {
            if (view.Find(interest.Key) is >= 0 and var row)
                Add(view, sums, [row], weight);
            return true;
        }
        var index = IndexOf(view, interest.Field)!;
        foreach (var rows in index.Rows(index.Find(interest.Key), view.RowCount))
        {
            // Runs have about a thousand rows at most, so that the clock is read often enough and costs nothing.
            if (task.IsLate(channel))
                return false;
            Add(view, sums, rows, weight);
        }
        return true;
    }

    private void Add(PartitionView view, float* sums, ReadOnlySpan<int> rows, float weight)
    {
        if (_isSparse && _count + rows.Length > view.RowCount / SparseShare)
            _isSparse = false;
        if (!_isSparse)
        {
            foreach (var row in rows)
                sums[row] += weight;
            return;
        }
        foreach (var row in rows)
        {
            var before = sums[row];
            _touched[_count] = row;
            _count += before == 0 ? 1 : 0;
            sums[row] = before + weight;
        }
    }

    private void OfferTouched(PartitionView view, float* sums, RecallTask task)
    {
        foreach (var row in _touched.AsSpan(0, _count))
        {
            var sum = sums[row];
            sums[row] = 0;
            if (!task.IsEligible(row))
                continue;
            var (columns, place) = (view.Rows.Columns(row), view.Rows.Place(row));
            task.Best.Offer(sum * (1 + RowReader.QualityOf(columns.Qualities[place])), row, columns.Keys[place]);
        }
    }

    private void OfferAll(PartitionView view, float* sums, RecallTask task)
    {
        var words = view.BitmapWords;
        if (_touchedBits.Length < words)
            (_scores, _touchedBits) = (new float[words << 6], new ulong[words]);
        fixed (float* scores = _scores)
        {
            var met = 0;
            for (var chunk = 0; chunk < view.ChunkCount; chunk++)
            {
                var qualities = view.Rows.ColumnsOfChunk(chunk).Qualities;
                var first = chunk << view.ChunkShift;
                for (var place = 0; place < 1 << view.ChunkShift; place += 64)
                {
                    var word = (first + place) >> 6;
                    _touchedBits[word] = Score(sums + first + place, qualities + place, scores + first + place) & task.WordAt(word);
                    met += BitOperations.PopCount(_touchedBits[word]);
                }
            }
            if (met > (task.Best.K * 3L) / 2)
                DropBelow(scores, words, FloorOf(words, task.Best.K));
        }
        for (var chunk = 0; chunk < view.ChunkCount; chunk++)
        {
            var (first, rows) = (chunk << view.ChunkShift, view.RowsOfChunk(chunk));
            task.Best.Offer(_scores.AsSpan(first, rows), new ReadOnlySpan<ulong>(view.Rows.ColumnsOfChunk(chunk).Keys, rows), first, _touchedBits.AsSpan(first >> 6));
        }
    }

    // A score that at least so many rows reach, and few more: the lower edge of a bin of a histogram. A stream that is offered only those sorts out once, whatever is wanted.
    private float FloorOf(int words, int wanted)
    {
        Array.Clear(_bins);
        for (var word = 0; word < words; word++)
        {
            for (var rest = _touchedBits[word]; rest != 0; rest &= rest - 1)
                _bins[BitConverter.SingleToUInt32Bits(_scores[(word << 6) + BitOperations.TrailingZeroCount(rest)]) >> BinShift]++;
        }
        var bin = _bins.Length;
        for (var count = 0; count < wanted; count += _bins[bin])
            bin--;
        return BitConverter.UInt32BitsToSingle((uint)bin << BinShift);
    }

    private void DropBelow(float* scores, int words, float floor)
    {
        for (var word = 0; word < words; word++)
        {
            if (_touchedBits[word] != 0)
                _touchedBits[word] &= ColumnMasks.AtLeast(scores + ((nint)word << 6), floor);
        }
    }

    // Scores of 64 rows, and which of them have a sum; those sums are cleared. Scores of the others are what they were: nobody looks at them.
    private static ulong Score(float* sums, float* qualities, float* scores)
    {
        var touched = 0UL;
        for (var lane = 0; lane < 64; lane += Vector512<float>.Count)
        {
            var sum = Vector512.Load(sums + lane);
            var mask = Vector512.GreaterThan(sum, Vector512<float>.Zero).ExtractMostSignificantBits();
            if (mask == 0)
                continue;
            touched |= mask << lane;
            Vector512.Store(Vector512<float>.Zero, sums + lane);
            var quality = Vector512.Load(qualities + lane);
            quality = Vector512.ConditionalSelect(Vector512.Equals(quality, quality), quality, Vector512.Create(RowReader.UnknownQuality));
            Vector512.Store(sum * (Vector512<float>.One + quality), scores + lane);
        }
        return touched;
    }

    private void Clear(PartitionView view, float* sums)
    {
        if (_isSparse)
        {
            foreach (var row in _touched.AsSpan(0, _count))
                sums[row] = 0;
            return;
        }
        new Span<float>(sums, view.ChunkCount << view.ChunkShift).Clear();
    }
}
