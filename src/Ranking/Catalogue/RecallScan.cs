using KgOrleans.Kernels;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// Round 1 in one partition for several requests at once: eligibility, recall channels, pre-rank scores. The requests share one pass over the item vectors and one over the hot channel's scores.
/// Every channel returns its best works up to the global quota, so that merging over any number of shards gives the same answer; an answer does not depend on the requests beside it.
/// </summary>
/// <remarks>A workspace for one caller at a time: nothing but the answers is allocated once it is warm.</remarks>
public sealed class RecallScan : IDisposable
{
    /// <summary>Most requests of one pass: beyond this the users' own state no longer stays in the cache, and a pass gains nothing.</summary>
    public const int MaxBatch = 64;

    private const int ChannelCount = 3;

    private readonly List<RecallTask> _tasks = [];
    private readonly NativeScratch _bits = new();
    private readonly BitmapStack _filters = new();
    private readonly ModelScan _model = new();
    private readonly IndexScan _index = new();
    private readonly Dictionary<int, int> _candidateOf = [];
    private RecallTask[] _running = [];
    private int[] _rows = [];
    private float[] _preRank = [];

    /// <summary>Passes over item vectors so far.</summary>
    public long Passes => _model.Passes;

    /// <summary>Runs round 1 over a view that the caller holds.</summary>
    /// <param name="view">The view.</param>
    /// <param name="requests">What is asked, at most <see cref="MaxBatch"/>.</param>
    /// <param name="results">One answer a request.</param>
    public void Run(PartitionView view, ReadOnlySpan<RecallRequest> requests, Span<RecallResult?> results)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(requests.Length, MaxBatch, nameof(requests));
        view.ThrowIfClosed();
        var tasks = Start(view, requests);
        _model.Run(view, tasks);
        Hot(view, tasks);
        foreach (var task in tasks)
            _index.Run(view, task);
        for (var i = 0; i < tasks.Length; i++)
            results[i] = Collect(view, tasks[i]);
        GC.KeepAlive(view);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _bits.Dispose();
        _index.Dispose();
    }

    private ReadOnlySpan<RecallTask> Start(PartitionView view, ReadOnlySpan<RecallRequest> requests)
    {
        while (_tasks.Count < requests.Length)
            _tasks.Add(new RecallTask());
        if (_running.Length < _tasks.Count)
            _running = [.. _tasks];
        var words = view.BitmapWords;
        _bits.Reserve((long)requests.Length * words * sizeof(ulong));
        for (var i = 0; i < requests.Length; i++)
        {
            var from = (long)i * words;
            _running[i].Start(view, requests[i], _bits.Address + (nint)(from * sizeof(ulong)));
            _running[i].Counts = Eligibility.Mark(view, requests[i], _bits.Span<ulong>(from, words), _filters);
        }
        return _running.AsSpan(0, requests.Length);
    }

    // Chunk by chunk for all requests, so that its scores and keys are read from memory once.
    private static unsafe void Hot(PartitionView view, ReadOnlySpan<RecallTask> tasks)
    {
        foreach (var task in tasks)
            task.Best.Reset(Math.Max(1, task.Quota(RecallChannel.Hot)));
        for (var chunk = 0; chunk < view.ChunkCount; chunk++)
        {
            var keys = new ReadOnlySpan<ulong>(view.Rows.ColumnsOfChunk(chunk).Keys, view.RowsOfChunk(chunk));
            foreach (var task in tasks)
            {
                if (task.Quota(RecallChannel.Hot) <= 0)
                    continue;
                OfferBlocks(view.HotOf(chunk, task.Request.ScoreTime), view.States.PageRows, keys, chunk << view.ChunkShift, task.BitsOf(view, chunk), task.Best);
            }
        }
        foreach (var task in tasks)
        {
            if (task.Quota(RecallChannel.Hot) > 0)
                task.Picks[(int)RecallChannel.Hot].Complete(task.Best);
        }
    }

    private static void OfferBlocks(HotColumn hot, int rowsOfBlock, ReadOnlySpan<ulong> keys, int firstRow, ReadOnlySpan<ulong> bits, TopKStream best)
    {
        for (var block = 0; block < hot.Best.Length; block++)
        {
            if (hot.Best[block] < best.Threshold)
                continue;
            var from = block * rowsOfBlock;
            var count = Math.Min(rowsOfBlock, keys.Length - from);
            best.Offer(hot.Scores.AsSpan(from, count), keys.Slice(from, count), firstRow + from, bits[(from >> 6)..]);
        }
    }

    private RecallResult Collect(PartitionView view, RecallTask task)
    {
        _candidateOf.Clear();
        var picked = 0;
        foreach (var picks in task.Picks)
            picked += picks.Count;
        if (_rows.Length < picked)
            (_rows, _preRank) = (new int[picked], new float[picked]);
        var channels = new ChannelEntry[ChannelCount][];
        for (var channel = 0; channel < ChannelCount; channel++)
            channels[channel] = Entries(task.Picks[channel]);

        var count = _candidateOf.Count;
        if (task.HasModel)
        {
            // The model channel's rows come first and have their scores.
            var model = task.Picks[(int)RecallChannel.Model].Scores;
            model.CopyTo(_preRank);
            _model.Score(view, task.Request.UserVector, _rows.AsSpan(model.Length, count - model.Length), _preRank.AsSpan(model.Length));
        }
        var candidates = new RecallCandidate[count];
        for (var i = 0; i < count; i++)
            candidates[i] = new RecallCandidate(view.Rows.KeyAt(_rows[i]), _rows[i], task.HasModel ? _preRank[i] : float.NaN);
        return new RecallResult(candidates, channels, task.Counts);
    }

    private ChannelEntry[] Entries(ChannelPicks picks)
    {
        if (picks.Count == 0)
            return [];
        var entries = new ChannelEntry[picks.Count];
        var rows = picks.Rows;
        var scores = picks.Scores;
        for (var i = 0; i < entries.Length; i++)
        {
            if (!_candidateOf.TryGetValue(rows[i], out var candidate))
            {
                candidate = _candidateOf.Count;
                _rows[candidate] = rows[i];
                _candidateOf.Add(rows[i], candidate);
            }
            entries[i] = new ChannelEntry(candidate, scores[i]);
        }
        return entries;
    }
}
