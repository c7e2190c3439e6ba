using System.Numerics;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>The channels that add up interests over postings: index, social and continue. Works are scored by the sum of the weights of the interests that they meet, and by quality among equals.</summary>
internal sealed class IndexScan : IDisposable
{
    // A song or creator says more about a work than one of its tags does.
    private const float SongFactor = 1.5f;
    private const float CreatorFactor = 2f;
    private const int Buffer = 1024;
    private const int RowsOfWord = 64;

    // Rows between looks at the clock: microseconds of work.
    private const int Patience = 4096;

    private readonly NativeScratch _sums = new();
    private readonly int[] _rows = new int[Buffer];
    private readonly float[] _scores = new float[Buffer];
    private readonly ulong[] _keys = new ulong[Buffer];
    private ulong[] _touched = [];

    /// <summary>Fills the picks of a channel of a request.</summary>
    public void Run(PartitionView view, RecallTask task, RecallChannel channel, RecallInterest[] interests, PickZones zones)
    {
        var quota = task.Quota(channel);
        if (quota <= 0 || interests.Length == 0 || task.IsLate(channel))
            return;
        if (_touched.Length < view.BitmapWords)
        {
            _touched = new ulong[view.BitmapWords];
            _sums.Reserve((long)view.BitmapWords * RowsOfWord * sizeof(float));
            Clear();
        }
        task.Best.Reset(quota);
        if (Sum(view, task, channel, interests) && Offer(view, task, channel))
            task.Complete(channel, zones);
        else
            Clear();
    }

    /// <inheritdoc />
    public void Dispose() => _sums.Dispose();

    private void Clear()
    {
        Array.Clear(_touched);
        _sums.Span<float>(0, _touched.Length * RowsOfWord).Clear();
    }

    // Row by row in the order of the interests, so that rounding is the same wherever a row lies. False when time is up.
    private bool Sum(PartitionView view, RecallTask task, RecallChannel channel, RecallInterest[] interests)
    {
        var indexes = view.Rows.Indexes;
        var patience = Patience;
        foreach (var interest in interests)
        {
            if (interest.Field == InterestField.Item)
            {
                if (view.Find(interest.Key) is >= 0 and var row)
                    Add([row], interest.Weight);
                continue;
            }
            var (index, factor) = interest.Field switch
            {
                InterestField.Song => (indexes.Songs, SongFactor),
                InterestField.Creator => (indexes.Creators, CreatorFactor),
                InterestField.Community => (indexes.Communities, 1f),
                _ => (indexes.Tags, 1f),
            };
            foreach (var rows in index.Rows(index.Find(interest.Key), view.RowCount))
            {
                Add(rows, interest.Weight * factor);
                patience -= rows.Length;
                if (patience > 0)
                    continue;
                if (task.IsLate(channel))
                    return false;
                patience = Patience;
            }
        }
        return true;
    }

    private unsafe void Add(ReadOnlySpan<int> rows, float weight)
    {
        var sums = (float*)_sums.Address;
        fixed (ulong* touched = _touched)
        {
            foreach (var row in rows)
            {
                // Every row is summed, eligible or not: a branch that nobody can guess would cost more. Sums are zero between runs.
                sums[row] += weight;
                touched[row >> 6] |= 1UL << row;
            }
        }
    }

    private unsafe bool Offer(PartitionView view, RecallTask task, RecallChannel channel)
    {
        var sums = (float*)_sums.Address;
        var count = 0;
        for (var word = 0; word < view.BitmapWords; word++)
        {
            if (_touched[word] == 0)
                continue;
            var columns = view.Rows.Columns(word << 6);
            for (var rest = _touched[word] & task.WordAt(word); rest != 0; rest &= rest - 1)
            {
                var row = (word << 6) + BitOperations.TrailingZeroCount(rest);
                var place = view.Rows.Place(row);
                // Many works share their tags: quality decides among them.
                var score = sums[row] * (1 + RowReader.QualityOf(columns.Qualities[place]));
                if (score < task.Best.Threshold)
                    continue;
                (_rows[count], _keys[count], _scores[count]) = (row, columns.Keys[place], score);
                if (++count == Buffer)
                {
                    task.Best.Offer(_scores, _keys, _rows);
                    count = 0;
                    if (task.IsLate(channel))
                        return false;
                }
            }
            _touched[word] = 0;
            new Span<float>(sums + ((nint)word * RowsOfWord), RowsOfWord).Clear();
        }
        task.Best.Offer(_scores.AsSpan(0, count), _keys.AsSpan(0, count), _rows.AsSpan(0, count));
        return !task.IsLate(channel);
    }
}
