using System.Numerics;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>The index channel: works of the tags, songs and creators that a user likes, scored by the sum of the interests' weights, and by quality among equals.</summary>
internal sealed class IndexScan : IDisposable
{
    // A song or creator says more about a work than one of its tags does.
    private const float SongFactor = 1.5f;
    private const float CreatorFactor = 2f;
    private const int Buffer = 1024;

    private readonly NativeScratch _sums = new();
    private readonly int[] _rows = new int[Buffer];
    private readonly float[] _scores = new float[Buffer];
    private readonly ulong[] _keys = new ulong[Buffer];
    private ulong[] _touched = [];

    /// <summary>Fills the picks of a request.</summary>
    public void Run(PartitionView view, RecallTask task)
    {
        var quota = task.Quota(RecallChannel.Index);
        if (quota <= 0)
            return;
        _sums.Reserve((long)view.RowCount * sizeof(float));
        if (_touched.Length < view.BitmapWords)
            _touched = new ulong[view.BitmapWords];
        Sum(view, task);
        task.Best.Reset(quota);
        Offer(view, task);
        task.Picks[(int)RecallChannel.Index].Complete(task.Best);
    }

    /// <inheritdoc />
    public void Dispose() => _sums.Dispose();

    // Row by row in the order of the interests, so that rounding is the same wherever a row lies.
    private unsafe void Sum(PartitionView view, RecallTask task)
    {
        var sums = (float*)_sums.Address;
        var eligible = (ulong*)task.Bits;
        var indexes = view.Rows.Indexes;
        foreach (var interest in task.Request.Interests)
        {
            var (index, factor) = interest.Field switch
            {
                InterestField.Song => (indexes.Songs, SongFactor),
                InterestField.Creator => (indexes.Creators, CreatorFactor),
                _ => (indexes.Tags, 1f),
            };
            var weight = interest.Weight * factor;
            foreach (var rows in index.Rows(index.Find(interest.Key), view.RowCount))
            {
                foreach (var row in rows)
                {
                    var bit = 1UL << row;
                    if ((eligible[row >> 6] & bit) == 0)
                        continue;
                    sums[row] = ((_touched[row >> 6] & bit) == 0 ? 0 : sums[row]) + weight;
                    _touched[row >> 6] |= bit;
                }
            }
        }
    }

    private unsafe void Offer(PartitionView view, RecallTask task)
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
                _rows[count] = row;
                _keys[count] = columns.Keys[place];
                // Many works share their tags: quality decides among them.
                _scores[count] = sums[row] * (1 + RowReader.QualityOf(columns.Qualities[place]));
                if (++count == Buffer)
                {
                    task.Best.Offer(_scores, _keys, _rows);
                    count = 0;
                }
            }
            _touched[word] = 0;
        }
        task.Best.Offer(_scores.AsSpan(0, count), _keys.AsSpan(0, count), _rows.AsSpan(0, count));
    }
}
