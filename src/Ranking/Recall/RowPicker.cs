using System.Numerics;
using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// The best rows of a channel that scores many: a sample of the rows tells a score that somewhat more rows reach than are wanted, one pass writes those
/// down, and the best are chosen among them. No order is kept in passing, so a pass is vectorised for every quota. The sample decides what is looked at,
/// never what is answered.
/// </summary>
internal sealed unsafe class RowPicker(PickZones zones)
{
    /// <summary>Rows of a word of a bitmap.</summary>
    public const int WordRows = 64;

    /// <summary>Words of a sample, at most.</summary>
    public const int SampleWords = 128;

    private const int Deviations = 4;
    private const int Spare = 8;

    private readonly float[] _sample = new float[SampleWords * WordRows];
    private int[] _rows = [];
    private float[] _scores = [];

    /// <summary>
    /// Rank in a sample of the score that about as many rows of the whole reach as are wanted, and some more: a sample may be off by some deviations.
    /// </summary>
    public static int SampleRank(int wanted, int step)
    {
        var share = (double)wanted / step;
        return (int)(share + (Deviations * Math.Sqrt(share))) + Spare;
    }

    /// <summary>Fills the picks of a channel whose quota is positive.</summary>
    public void Pick<TScores>(PartitionView view, RecallTask task, RecallChannel channel, ref TScores source)
        where TScores : struct, IRowScores
    {
        var quota = task.Quota(channel);
        Reserve(view.RowCount);
        var floor = Floor(view, task, quota, ref source);
        var count = Gather(view, task, channel, floor, ref source);
        if (count >= 0 && count < quota && floor > float.NegativeInfinity)
        {
            floor = float.NegativeInfinity;
            count = Gather(view, task, channel, floor, ref source);
        }
        if (count >= 0)
            Take(view, task, channel, count, isCut: floor > float.NegativeInfinity);
    }

    /// <summary>Fills the picks of a channel from rows in the order of its scores; false when those do not suffice.</summary>
    /// <param name="view">The view.</param>
    /// <param name="task">The request.</param>
    /// <param name="channel">The channel, whose quota is positive.</param>
    /// <param name="order">The order.</param>
    public bool TryPick(PartitionView view, RecallTask task, RecallChannel channel, OrderedRows order)
    {
        var (quota, count, at) = (task.Quota(channel), 0, 0);
        if (quota > order.Rows.Length && !order.IsAll)
            return false;
        Reserve(quota + 1);
        for (; at < order.Rows.Length && count < quota; at++)
        {
            var row = order.Rows[at];
            (_rows[count], _scores[count]) = (row, order.Scores[at]);
            count += task.IsEligible(row) ? 1 : 0;
        }
        if (count < quota && !order.IsAll)
            return false;
        if (!task.IsLate(channel))
            task.Picks[(int)channel].TakeSorted(_rows.AsSpan(0, count), _scores.AsSpan(0, count), task.Certain(channel),
                isCut: task.Request.Pruning is not null && (at < order.Rows.Length || !order.IsAll), view.Rows);
        return true;
    }

    /// <summary>Fills the picks of the fresh channel: each chunk has a list of its items, most owed first.</summary>
    public void PickFresh(PartitionView view, RecallTask task, ColdStartSettings settings)
    {
        var (quota, count, isCut) = (task.Quota(RecallChannel.Fresh), 0, false);
        for (var chunk = 0; chunk < view.ChunkCount; chunk++)
        {
            if (task.IsLate(RecallChannel.Fresh))
                return;
            var fresh = FreshColumn.Of(view, chunk, settings, task.Request.ScoreTime);
            Reserve(count + fresh.Rows.Length);
            var bits = task.BitsOf(view, chunk);
            var end = count + quota;
            for (var i = 0; i < fresh.Rows.Length; i++)
            {
                // Rows behind a chunk's best, and behind ties with the last of them, cannot be among the best of all.
                if (count >= end && fresh.Scores[i] < _scores[end - 1])
                {
                    isCut = true;
                    break;
                }
                (_rows[count], _scores[count]) = ((chunk << view.ChunkShift) + fresh.Rows[i], fresh.Scores[i]);
                count += Eligibility.Has(bits, fresh.Rows[i]) ? 1 : 0;
            }
        }
        Take(view, task, RecallChannel.Fresh, count, isCut);
    }

    private void Reserve(int rows)
    {
        if (_rows.Length >= rows)
            return;
        Array.Resize(ref _rows, Math.Max(rows, 2 * _rows.Length));
        Array.Resize(ref _scores, _rows.Length);
    }

    private void Take(PartitionView view, RecallTask task, RecallChannel channel, int count, bool isCut) =>
        Take(view, task, channel, _rows.AsSpan(0, count), _scores.AsSpan(0, count), isCut);

    /// <summary>Fills the picks of a channel with the best of some rows.</summary>
    /// <param name="view">The view.</param>
    /// <param name="task">The request.</param>
    /// <param name="channel">The channel, whose quota is positive.</param>
    /// <param name="rows">Eligible rows, each once; they are reordered.</param>
    /// <param name="scores">Their scores.</param>
    /// <param name="isCut">Whether the channel has more items, all behind these.</param>
    public void Take(PartitionView view, RecallTask task, RecallChannel channel, Span<int> rows, Span<float> scores, bool isCut)
    {
        if (task.Request.Pruning is not null)
        {
            task.Picks[(int)channel].Choose(rows, scores, task.Quota(channel), task.Certain(channel), isCut, view.Rows, zones);
            return;
        }
        task.Best.Reset(task.Quota(channel));
        for (var i = 0; i < rows.Length; i++)
            task.Best.Offer(scores[i], rows[i], view.Rows.KeyAt(rows[i]));
        task.Picks[(int)channel].Complete(task.Best);
    }

    // Rows that reach a floor; negative when the channel is late.
    private int Gather<TScores>(PartitionView view, RecallTask task, RecallChannel channel, float floor, ref TScores source)
        where TScores : struct, IRowScores
    {
        var scratch = stackalloc float[WordRows];
        var count = 0;
        for (var chunk = 0; chunk < view.ChunkCount; chunk++)
        {
            if (task.IsLate(channel))
                return -1;
            source.Enter(chunk);
            var bits = task.BitsOf(view, chunk);
            var first = chunk << view.ChunkShift;
            for (var word = 0; word < bits.Length; word++)
            {
                var rows = bits[word];
                if (rows == 0)
                    continue;
                var scores = source.Of(word, floor, ref rows, scratch);
                for (; rows != 0; rows &= rows - 1)
                {
                    var lane = BitOperations.TrailingZeroCount(rows);
                    (_rows[count], _scores[count]) = (first + (word * WordRows) + lane, scores[lane]);
                    count++;
                }
            }
        }
        return count;
    }

    // A score that about as many rows reach as are wanted, by every n-th word of them; minus infinity when those are all.
    private float Floor<TScores>(PartitionView view, RecallTask task, int quota, ref TScores source)
        where TScores : struct, IRowScores
    {
        var scratch = stackalloc float[WordRows];
        var step = (view.BitmapWords / SampleWords) + 1;
        var (count, entered, shift) = (0, -1, view.ChunkShift - 6);
        for (var word = 0; word < view.BitmapWords; word += step)
        {
            var rows = task.WordAt(word);
            if (rows == 0)
                continue;
            if (word >> shift != entered)
                source.Enter(entered = word >> shift);
            var scores = source.Of(word & ((1 << shift) - 1), float.NegativeInfinity, ref rows, scratch);
            for (; rows != 0; rows &= rows - 1)
                _sample[count++] = scores[BitOperations.TrailingZeroCount(rows)];
        }
        var kth = SampleRank(quota, step);
        return kth >= count ? float.NegativeInfinity : zones.KthScore(_sample.AsSpan(0, count), kth);
    }
}
