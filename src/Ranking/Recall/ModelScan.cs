using System.Numerics;
using KgOrleans.Kernels.Dot;
using KgOrleans.Kernels.Scan;
using KgOrleans.Kernels.TopK;
using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// The model channel: the best rows by user vector . item vector, or by the two vectors of the recall head where there is one. One pass over the 8-bit codes serves all requests; each keeps more than it was asked for, which are then scored again from codes and residuals.
/// </summary>
/// <remarks>
/// The answer is exact in the re-scored values: no row that the pass dropped could have scored higher. An 8-bit score is off by at most a bound that follows from the largest scale of a row and the user vector; when the
/// best row that may have been dropped comes within that bound of the k-th re-scored one, more are kept in a second pass. So answers do not depend on how many were kept, nor on how the catalogue is cut into shards.
/// A sample of the rows tells the pass a score to start from, so that it need not find out by sorting.
/// </remarks>
internal sealed class ModelScan
{
    private const int Buffer = 2048;
    private const int SampleRows = RowPicker.SampleWords * RowPicker.WordRows;

    // Kept for a quota, in quarters of it: grows for good when a catalogue's vectors lie so close that more are needed.
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
    private readonly int[] _rows = new int[Buffer];
    private readonly float[] _scores = new float[Buffer];
    private readonly ulong[] _keys = new ulong[Buffer];
    private float[] _users = [];
    private byte[] _packed = [];
    private nint[] _bits = [];
    private TopKStream[] _streams = [];
    private int[] _keptRows = [];
    private float[] _keptScores = [];
    private float[] _user = [];
    private float[] _sample = [];
    private float[] _sampled = [];
    private int[] _sampleCounts = [];
    private float[] _floors = [];
    private int _kept = FewestKept;

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
            _wideScan.Run(view, _wide, this, zones);
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

    /// <summary>Scores of rows for a user vector, from both planes.</summary>
    public void Score(PartitionView view, float[] userVector, ReadOnlySpan<int> rows, Span<float> scores) => Score(view, view.Space!, userVector, rows, scores);

    /// <summary>Scores of rows in the model channel, from both planes.</summary>
    public void ScoreChannel(PartitionView view, RecallTask task, ReadOnlySpan<int> rows, Span<float> scores) => Score(view, view.ModelSpace, task.ModelVector, rows, scores);

    private void Score(PartitionView view, SpaceColumns space, float[] userVector, ReadOnlySpan<int> rows, Span<float> scores) =>
        Int8Rescore.Gather(Padded(userVector, space.Width), space.Table(view.RowCount), rows, scores);

    /// <summary>Scores of rows from their codes alone.</summary>
    /// <returns>By how much they are off at most.</returns>
    public float RoughScore(PartitionView view, float[] userVector, ReadOnlySpan<int> rows, Span<float> scores)
    {
        var space = view.Space!;
        if (_packed.Length < QuantisedUsers.BytesFor(1, space.Width))
            _packed = new byte[QuantisedUsers.BytesFor(1, space.Width)];
        Int8Dot.Gather(QuantisedUsers.Pack(Padded(userVector, space.Width), space.Width, _packed), 0, space.Table(view.RowCount), rows, scores);
        return ErrorBound(space, userVector);
    }

    private ReadOnlySpan<float> Padded(float[] vector, int width)
    {
        if (vector.Length == width)
            return vector;
        // The vectors of a recall head have another width, turn by turn with those of the towers.
        if (_user.Length < width)
            _user = new float[width];
        vector.CopyTo(_user, 0);
        _user.AsSpan(vector.Length, width - vector.Length).Clear();
        return _user.AsSpan(0, width);
    }

    private unsafe void Pass(PartitionView view, List<RecallTask> tasks, int quarters, PickZones? zones)
    {
        var (space, words) = (view.ModelSpace, 1 << (view.ChunkShift - 6));
        var packed = Pack(tasks, space.Width);
        _floors.AsSpan(0, tasks.Count).Fill(float.NegativeInfinity);
        if (zones is not null)
            Sample(view, tasks, packed, quarters, zones);
        for (var i = 0; i < tasks.Count; i++)
            tasks[i].Best.Reset(Kept(tasks[i], quarters), _floors[i]);
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

    // Scores of every n-th word of rows give each request a floor that about as many rows reach as are to be kept.
    private unsafe void Sample(PartitionView view, List<RecallTask> tasks, in QuantisedUsers packed, int quarters, PickZones zones)
    {
        if (_sample.Length < tasks.Count * SampleRows)
            (_sample, _sampled, _sampleCounts) = (new float[tasks.Count * SampleRows], new float[tasks.Count * RowPicker.WordRows], new int[tasks.Count]);
        Array.Clear(_sampleCounts);
        var (space, shift, step) = (view.ModelSpace, view.ChunkShift - 6, (view.BitmapWords / RowPicker.SampleWords) + 1);
        for (var word = 0; word < view.BitmapWords; word += step)
        {
            var (chunk, place) = (word >> shift, (word & ((1 << shift) - 1)) * RowPicker.WordRows);
            var count = Math.Min(RowPicker.WordRows, view.RowsOfChunk(chunk) - place);
            if (count <= 0)
                continue;
            var block = new Int8Block(space.Codes[chunk] + ((nint)place * space.Width), space.Scales[chunk] + (place * sizeof(float)), 0, 0, count);
            Int8Dot.Rows(packed, block, _sampled);
            for (var i = 0; i < tasks.Count; i++)
            {
                for (var rest = tasks[i].WordAt(word); rest != 0; rest &= rest - 1)
                    _sample[(i * SampleRows) + _sampleCounts[i]++] = _sampled[(i * count) + BitOperations.TrailingZeroCount(rest)];
            }
        }
        for (var i = 0; i < tasks.Count; i++)
        {
            var kth = RowPicker.SampleRank(Kept(tasks[i], quarters), step);
            if (kth < _sampleCounts[i])
                _floors[i] = zones.KthScore(_sample.AsSpan(i * SampleRows, _sampleCounts[i]), kth);
        }
    }

    // A pass goes on for whoever is still in time.
    private static bool AreLate(List<RecallTask> tasks)
    {
        var late = true;
        foreach (var task in tasks)
            late &= task.IsLate(RecallChannel.Model);
        return late;
    }

    private static int Kept(RecallTask task, int quarters) => (int)Math.Min(task.Counts.Eligible, ((long)quarters * task.Quota(RecallChannel.Model) / Quarters) + 1);

    private QuantisedUsers Pack(List<RecallTask> tasks, int width)
    {
        if (_streams.Length < tasks.Count)
            (_streams, _bits, _floors) = (new TopKStream[tasks.Count], new nint[tasks.Count], new float[tasks.Count]);
        if (_users.Length < tasks.Count * width)
            _users = new float[tasks.Count * width];
        if (_packed.Length < QuantisedUsers.BytesFor(tasks.Count, width))
            _packed = new byte[QuantisedUsers.BytesFor(tasks.Count, width)];
        for (var i = 0; i < tasks.Count; i++)
        {
            _streams[i] = tasks[i].Best;
            var user = _users.AsSpan(i * width, width);
            tasks[i].ModelVector.CopyTo(user);
            user[tasks[i].ModelVector.Length..].Clear();
        }
        return QuantisedUsers.Pack(_users.AsSpan(0, tasks.Count * width), width, _packed);
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
        // Rows that were dropped score no more than the weakest kept, or less than the floor when there was room for more; without a floor there was nothing more then.
        var dropped = count < kept ? floor : kept == task.Counts.Eligible ? float.NegativeInfinity : zones.KthScore(scores, count);
        ScoreChannel(view, task, rows, scores);
        var isCut = dropped > float.NegativeInfinity;
        if (isCut && (count < quota || !(dropped + ErrorBound(view.ModelSpace, task.ModelVector) < zones.KthScore(scores, quota))))
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

    // |8-bit score - re-scored one|: half a step of the row's codes times |u|_1, half a step of the user's codes times the row's |x|_1, and rounding.
    internal static float ErrorBound(SpaceColumns space, float[] user)
    {
        var (sum, largest) = (0f, 0f);
        foreach (var x in user)
        {
            sum += MathF.Abs(x);
            largest = MathF.Max(largest, MathF.Abs(x));
        }
        var codes = 0.5f * sum;
        var users = largest / (2 * 32767f) * 127 * user.Length;
        var rounding = (user.Length + 16) * 127 * sum / (1 << 22);
        return space.LargestScale * (codes + users + rounding);
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
        ScoreChannel(view, task, rows, scores);
        task.Best.Offer(scores, _keys.AsSpan(0, count), rows);
        count = 0;
    }
}
