using System.Numerics;
using KgOrleans.Kernels.Dot;
using KgOrleans.Kernels.Scan;
using KgOrleans.Kernels.TopK;
using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// The model channel: the best rows by user vector . item vector, or by the two vectors of the recall head where there is one. One pass over the
/// 8-bit codes serves all requests; each keeps more than it was asked for, which are then scored again from codes and residuals.
/// </summary>
/// <remarks>
/// The answer is exact in the re-scored values: no row that the pass dropped could have scored higher. An 8-bit score is off by at most a bound that
/// follows from the largest scale of a row and the user vector; when the best row that may have been dropped comes within that bound of the k-th re-scored
/// one, more are kept in a second pass. So answers do not depend on how many were kept, nor on how the catalogue is cut into shards. A sample of the rows
/// gives the pass a score to start from, which saves sorting on the way there.
/// </remarks>
internal sealed class ModelScan
{
    private const int Buffer = 2048;

    // Kept for a quota, in quarters of it: grows, and stays larger, when a catalogue's vectors lie so close that more are needed.
    private const int FewestKept = 6;
    private const int MostKept = 64;
    private const int Quarters = 4;

    // Below this share of the rows, scoring them one by one from both planes is cheaper than a pass.
    private const int SparseShare = 20;

    // Above this share of the rows, writing every row's score down and choosing among them afterwards is cheaper than keeping the best in passing.
    private const int WideShare = 24;

    private readonly List<RecallTask> _dense = [];
    private readonly List<RecallTask> _wide = [];
    private readonly WideModelScan _wideScan = new();
    private readonly ModelFloors _sample = new();
    private readonly UserPacker _packer = new();
    private readonly int[] _rows = new int[Buffer];
    private readonly float[] _scores = new float[Buffer];
    private readonly ulong[] _keys = new ulong[Buffer];
    private nint[] _bits = [];
    private TopKStream[] _streams = [];
    private int[] _keptRows = [];
    private float[] _keptScores = [];
    private float[] _floors = [];
    private int[] _kepts = [];
    private int _kept = FewestKept;

    /// <summary>Scores of single rows.</summary>
    public ModelScores Scores { get; } = new();

    /// <summary>Passes over the rows so far.</summary>
    public long Passes { get; private set; }

    /// <summary>Fills the picks of every request that has a vector of the view's space and a quota.</summary>
    public void Run(PartitionView view, ReadOnlySpan<RecallTask> tasks, PickZones zones)
    {
        _dense.Clear();
        _wide.Clear();
        foreach (var task in tasks)
        {
            var quota = task.HasModelChannel ? task.Quota(RecallChannel.Model) : 0;
            if (quota <= 0 || task.IsLate(RecallChannel.Model))
                continue;
            if (task.Counts.Eligible <= Math.Max((long)_kept * quota / Quarters, view.RowCount / SparseShare))
                RunSparse(view, task, quota);
            else if (task.Request.Pruning is not null && (long)quota * WideShare > view.RowCount)
                _wide.Add(task);
            else
                _dense.Add(task);
        }
        if (_wide.Count > 0)
        {
            _wideScan.Run(view, _wide, Scores, zones);
            Passes++;
        }
        if (_dense.Count > 0)
            RunDense(view, zones);
    }

    private void RunDense(PartitionView view, PickZones zones)
    {
        var first = _kept;
        Pass(view, _dense, first, zones);
        for (var i = 0; i < _dense.Count; i++)
        {
            var (task, floor) = (_dense[i], _floors[i]);
            for (var kept = first; !task.IsLate(RecallChannel.Model) && !ReScore(view, task, kept, floor, zones); kept *= 2)
            {
                _kept = Math.Min(Math.Max(_kept, kept * 2), MostKept);
                if (task.Counts.Eligible <= 2L * kept * task.Quota(RecallChannel.Model) / Quarters)
                {
                    RunSparse(view, task, task.Quota(RecallChannel.Model));
                    break;
                }
                floor = float.NegativeInfinity;
                Pass(view, [task], kept * 2, zones: null);
            }
        }
    }

    private unsafe void Pass(PartitionView view, List<RecallTask> tasks, int quarters, PickZones? zones)
    {
        var (space, words) = (view.ModelSpace, 1 << (view.ChunkShift - 6));
        var packed = _packer.Pack(tasks, space.Width);
        Reserve(tasks.Count);
        for (var i = 0; i < tasks.Count; i++)
            (_kepts[i], _floors[i]) = (Kept(tasks[i], quarters), float.NegativeInfinity);
        if (zones is not null)
            _sample.Fill(view, tasks, packed, _kepts, _floors, zones);
        for (var i = 0; i < tasks.Count; i++)
        {
            _streams[i] = tasks[i].Best;
            _streams[i].Reset(_kepts[i], _floors[i]);
        }
        var bits = _bits.AsSpan(0, tasks.Count);
        var streams = _streams.AsSpan(0, tasks.Count);
        for (var chunk = 0; chunk < view.ChunkCount; chunk++)
        {
            for (var i = 0; i < tasks.Count; i++)
                bits[i] = tasks[i].Bits + ((nint)chunk * words * sizeof(ulong));
            // More is kept than is asked for, and scored again: ties at the border decide nothing here.
            var block = new Int8Block(space.Codes[chunk], space.Scales[chunk], 0, chunk << view.ChunkShift, view.RowsOfChunk(chunk));
            Int8Scan.Offer(packed, block, bits, streams);
            if (AreLate(tasks))
                break;
        }
        Passes++;
    }

    // A pass goes on while any of its requests is in time.
    private static bool AreLate(List<RecallTask> tasks)
    {
        var late = true;
        foreach (var task in tasks)
            late &= task.IsLate(RecallChannel.Model);
        return late;
    }

    private static int Kept(RecallTask task, int quarters) =>
        (int)Math.Min(task.Counts.Eligible, ((long)quarters * task.Quota(RecallChannel.Model) / Quarters) + 1);

    private void Reserve(int tasks)
    {
        if (_streams.Length < tasks)
            (_streams, _bits, _floors, _kepts) = (new TopKStream[tasks], new nint[tasks], new float[tasks], new int[tasks]);
    }

    // Whether what was kept is certain to hold the best.
    private bool ReScore(PartitionView view, RecallTask task, int quarters, float floor, PickZones zones)
    {
        var (quota, kept) = (task.Quota(RecallChannel.Model), Kept(task, quarters));
        if (_keptRows.Length < kept)
            (_keptRows, _keptScores) = (new int[kept], new float[kept]);
        var count = task.Best.CompleteUnsorted(_keptRows, _keptScores);
        var rows = _keptRows.AsSpan(0, count);
        var scores = _keptScores.AsSpan(0, count);
        // Rows that were dropped score no more than the weakest kept, or less than the floor when there was room for more; without a floor there was
        // nothing more then.
        var dropped = count < kept ? floor : kept == task.Counts.Eligible ? float.NegativeInfinity : zones.KthScore(scores, count);
        Scores.ScoreChannel(view, task, rows, scores);
        var isCut = dropped > float.NegativeInfinity;
        if (isCut && (count < quota || !(dropped + ModelScores.ErrorBound(view.ModelSpace, task.ModelVector) < zones.KthScore(scores, quota))))
            return false;
        var picks = task.Picks[(int)RecallChannel.Model];
        if (task.Request.Pruning is not null)
        {
            picks.Choose(rows, scores, quota, task.Certain(RecallChannel.Model), isCut, view.Rows, zones);
            return true;
        }
        task.Best.Reset(quota);
        for (var i = 0; i < count; i++)
            task.Best.Offer(scores[i], rows[i], view.Rows.KeyAt(rows[i]));
        picks.Complete(task.Best);
        return true;
    }

    private unsafe void RunSparse(PartitionView view, RecallTask task, int quota)
    {
        task.Best.Reset(quota);
        var count = 0;
        for (var chunk = 0; chunk < view.ChunkCount; chunk++)
        {
            var bits = task.BitsOf(view, chunk);
            var keys = view.Rows.ColumnsOfChunk(chunk).Keys;
            for (var word = 0; word < bits.Length; word++)
            {
                for (var rest = bits[word]; rest != 0; rest &= rest - 1)
                {
                    var place = (word << 6) + BitOperations.TrailingZeroCount(rest);
                    (_rows[count], _keys[count]) = ((chunk << view.ChunkShift) + place, keys[place]);
                    if (++count == Buffer)
                        Offer(view, task, ref count);
                }
            }
            if (task.IsLate(RecallChannel.Model))
                return;
        }
        Offer(view, task, ref count);
        var picks = task.Picks[(int)RecallChannel.Model];
        picks.Complete(task.Best);
        if (task.Request.Pruning is not null)
            picks.DivideSorted(task.Certain(RecallChannel.Model), picks.Count == quota && quota < task.Counts.Eligible, view.Rows);
    }

    private void Offer(PartitionView view, RecallTask task, ref int count)
    {
        var rows = _rows.AsSpan(0, count);
        var scores = _scores.AsSpan(0, count);
        Scores.ScoreChannel(view, task, rows, scores);
        task.Best.Offer(scores, _keys.AsSpan(0, count), rows);
        count = 0;
    }
}
