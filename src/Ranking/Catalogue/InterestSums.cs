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

    private readonly NativeScratch _column = new();
    private int[] _touched = [];
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
        foreach (var interest in interests)
        {
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

    private bool Add(PartitionView view, float* sums, in RecallInterest interest, RecallTask task, RecallChannel channel)
    {
        var weight = interest.Weight;
        if (interest.Field == InterestField.Item)
        {
            if (view.Find(interest.Key) is >= 0 and var row)
                Add(view, sums, [row], weight);
            return true;
        }
        var indexes = view.Rows.Indexes;
        var index = interest.Field switch
        {
            InterestField.Song => indexes.Songs,
            InterestField.Creator => indexes.Creators,
            InterestField.Community => indexes.Communities,
            _ => indexes.Tags,
        };
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

    private static void OfferAll(PartitionView view, float* sums, RecallTask task)
    {
        var best = task.Best;
        var rowsOfChunk = 1 << view.ChunkShift;
        for (var chunk = 0; chunk < view.ChunkCount; chunk++)
        {
            var columns = view.Rows.ColumnsOfChunk(chunk);
            var first = chunk << view.ChunkShift;
            for (var place = 0; place < rowsOfChunk; place += Vector512<float>.Count)
            {
                var sum = Vector512.Load(sums + first + place);
                var touched = Vector512.GreaterThan(sum, Vector512<float>.Zero).ExtractMostSignificantBits();
                if (touched == 0)
                    continue;
                Vector512.Store(Vector512<float>.Zero, sums + first + place);
                touched &= task.WordAt((first + place) >> 6) >> place;
                var quality = Vector512.Load(columns.Qualities + place);
                quality = Vector512.ConditionalSelect(Vector512.Equals(quality, quality), quality, Vector512.Create(RowReader.UnknownQuality));
                var score = sum * (Vector512<float>.One + quality);
                touched &= Vector512.GreaterThanOrEqual(score, Vector512.Create(best.Threshold)).ExtractMostSignificantBits();
                for (; touched != 0; touched &= touched - 1)
                {
                    var lane = BitOperations.TrailingZeroCount(touched);
                    best.Offer(score[lane], first + place + lane, columns.Keys[place + lane]);
                }
            }
        }
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
