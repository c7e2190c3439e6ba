using System.Numerics;
using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// The model channel of a request that asks for a large part of the rows. The pass writes down the 8-bit score of every row, which, without a recall head,
/// also saves the other channels' candidates a look-up of their vectors. Items far above the global threshold are then certain by that score alone, items
/// far below it are out, and only those between are scored again from both planes.
/// </summary>
internal sealed class WideModelScan
{
    private const int SampleRows = 8192;

    // Rows that the sampled threshold lets through, for one that is wanted: room for the error of the sample and of the codes.
    private const double Surplus = 1.25;

    private readonly UserPacker _packer = new();
    private readonly float[] _sample = new float[SampleRows + 64];
    private int[] _rows = [];
    private float[] _scores = [];
    private int[] _uncertainRows = [];
    private float[] _uncertainScores = [];

    /// <summary>Fills the picks of requests and leaves the scores of all rows in each.</summary>
    public unsafe void Run(PartitionView view, List<RecallTask> tasks, ModelScores model, PickZones zones)
    {
        var space = view.ModelSpace;
        foreach (var task in tasks)
            task.Coarse.Reserve((long)view.ChunkCount << view.ChunkShift << 2);
        for (var chunk = 0; chunk < view.ChunkCount; chunk++)
        {
            var block = new Int8Block(space.Codes[chunk], space.Scales[chunk], 0, chunk << view.ChunkShift, view.RowsOfChunk(chunk));
            foreach (var task in tasks)
            {
                if (task.Picks[(int)RecallChannel.Model].IsLate || task.IsLate(RecallChannel.Model))
                    continue;
                Int8Dot.Rows(_packer.Pack(task.ModelVector, space.Width), block, task.Coarse.Span<float>((long)chunk << view.ChunkShift, block.Count));
            }
        }
        foreach (var task in tasks)
        {
            if (task.IsLate(RecallChannel.Model))
                continue;
            task.HasCoarse = true;
            Choose(view, task, model, zones);
        }
    }

    private void Choose(PartitionView view, RecallTask task, ModelScores model, PickZones zones)
    {
        var (most, least) = (task.Quota(RecallChannel.Model), task.Certain(RecallChannel.Model));
        var error = ModelScores.ErrorBound(view.ModelSpace, task.ModelVector);
        var floor = SampledThreshold(view, task, most, zones);
        var count = Gather(view, task, floor);
        if (count < most && floor > float.NegativeInfinity)
        {
            floor = float.NegativeInfinity;
            count = Gather(view, task, floor);
        }
        // The order of exact scores is off by the error at most, rank by rank. Of several shards, spare ranks lie between the two borders and the
        // global threshold; a shard alone has none, and its threshold is off as well.
        var reach = least == most ? 2 * error : error;
        var above = least == 0 ? float.PositiveInfinity : count < least ? float.NegativeInfinity : zones.KthScore(_scores.AsSpan(0, count), least) + reach;
        var below = count < most ? float.NegativeInfinity : zones.KthScore(_scores.AsSpan(0, count), most) - reach;
        if (floor > below)
        {
            // The scores lie so close that the surplus ends within the error.
            floor = below;
            count = Gather(view, task, floor);
        }
        var (certain, uncertain) = (0, 0);
        for (var i = 0; i < count; i++)
        {
            if (_scores[i] > above)
                (_rows[certain], _scores[certain++]) = (_rows[i], _scores[i]);
            else if (_scores[i] >= below)
                _uncertainRows[uncertain++] = _rows[i];
        }
        model.ScoreChannel(view, task, _uncertainRows.AsSpan(0, uncertain), _uncertainScores);
        var total = certain;
        for (var i = 0; i < uncertain; i++)
        {
            (_rows[total], _scores[total]) = (_uncertainRows[i], _uncertainScores[i]);
            total += float.IsNaN(_uncertainScores[i]) ? 0 : 1;
        }
        // Certain items reach more than the one border and cut ones less than the other, by more than the error: no tie with either.
        var isCut = certain + uncertain < count || floor > float.NegativeInfinity;
        ScoreBound? cut = isCut ? new ScoreBound(MathF.Max(below, floor) + error, ulong.MaxValue) : null;
        task.Picks[(int)RecallChannel.Model].Set(
            _rows.AsSpan(0, total), _scores.AsSpan(0, total), certain, error, certain == 0 ? ScoreBound.Best : new ScoreBound(above - error, 0), cut);
    }

    // A score that somewhat more rows than wanted reach, from every n-th word of the bitmap: what follows does not depend on it.
    private float SampledThreshold(PartitionView view, RecallTask task, int wanted, PickZones zones)
    {
        var share = wanted * Surplus / task.Counts.Eligible;
        var step = (int)(task.Counts.Eligible / SampleRows) + 1;
        var count = 0;
        for (var word = 0; word < view.BitmapWords && count < SampleRows; word += step)
        {
            for (var rest = task.WordAt(word); rest != 0; rest &= rest - 1)
                _sample[count++] = task.CoarseAt((word << 6) + BitOperations.TrailingZeroCount(rest));
        }
        var kth = (int)(count * share) + 1;
        return kth >= count ? float.NegativeInfinity : zones.KthScore(_sample.AsSpan(0, count), kth);
    }

    // Eligible rows that reach a score.
    private unsafe int Gather(PartitionView view, RecallTask task, float floor)
    {
        var room = (int)task.Counts.Eligible;
        if (_rows.Length < room)
            (_rows, _scores, _uncertainRows, _uncertainScores) = (new int[room], new float[room], new int[room], new float[room]);
        var scores = (float*)task.Coarse.Address;
        var count = 0;
        for (var word = 0; word < view.BitmapWords; word++)
        {
            var bits = task.WordAt(word);
            if (bits == 0)
                continue;
            for (var rest = bits & ColumnMasks.AtLeast(scores + ((nint)word << 6), floor); rest != 0; rest &= rest - 1)
            {
                var row = (word << 6) + BitOperations.TrailingZeroCount(rest);
                (_rows[count], _scores[count]) = (row, scores[row]);
                count++;
            }
        }
        return count;
    }
}
