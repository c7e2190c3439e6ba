using System.Numerics;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>The channels that add up interests over postings: index, social and continue. Works are scored by the sum of the weights of the interests that they meet, and by quality among equals.</summary>
internal sealed class IndexScan : IDisposable
{
    // A song or creator says more about a work than one of its tags does.
    private const float SongFactor = 1.5f;
    private const float CreatorFactor = 2f;
    private const int Buffer = 1024;

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
        _sums.Reserve((long)view.RowCount * sizeof(float));
        if (_touched.Length < view.BitmapWords)
            _touched = new ulong[view.BitmapWords];
        task.Best.Reset(quota);
        if (!Sum(view, task, channel, interests) || !Offer(view, task, channel))
        {
            Array.Clear(_touched);
            return;
        }
        task.Complete(channel, zones);
    }

    /// <inheritdoc />
    public void Dispose() => _sums.Dispose();

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
                    Add(task, [row], interest.Weight);
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
                Add(task, rows, interest.Weight * factor);
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

    private unsafe void Add(RecallTask task, ReadOnlySpan<int> rows, float weight)
    {
        var sums = (float*)_sums.Address;
        var eligible = (ulong*)task.Bits;
        foreach (var row in rows)
        {
            var bit = 1UL << row;
            if ((eligible[row >> 6] & bit) == 0)
                continue;
            sums[row] = ((_touched[row >> 6] & bit) == 0 ? 0 : sums[row]) + weight;
            _touched[row >> 6] |= bit;
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
            for (var rest = _touched[word]; rest != 0; rest &= rest - 1)
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
        }
        task.Best.Offer(_scores.AsSpan(0, count), _keys.AsSpan(0, count), _rows.AsSpan(0, count));
        return !task.IsLate(channel);
    }
}
