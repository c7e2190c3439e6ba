using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Filters;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// Round 1 in one partition for several requests at once: eligibility, recall channels, pre-rank scores. The requests share one pass over the item
/// vectors. What a request leaves out is decided so that merging over any number of shards gives the same answer (docs/recall.md); an answer does not
/// depend on the requests beside it.
/// </summary>
/// <remarks>A workspace for one caller at a time: when it is warm, it allocates only the answers.</remarks>
/// <param name="time">Clock of the channels' timeouts; null takes the system's.</param>
public sealed class RecallScan(TimeProvider? time = null) : IDisposable
{
    /// <summary>Most requests of one pass: with more, the state of the users no longer fits into the cache, and a pass gains nothing.</summary>
    public const int MaxBatch = 64;

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly List<RecallTask> _tasks = [];
    private readonly NativeScratch _bits = new();
    private readonly BitmapStack _filters = new();
    private readonly PickZones _zones = new();
    private readonly ModelScan _model = new();
    private readonly IndexScan _index = new(InterestSums.HasTables);
    private readonly SimilarScan _similar = new();
    private readonly RowSet _region = new();
    private RowPicker? _picker;
    private RecallCollector? _collector;
    private RecallTask[] _running = [];

    /// <summary>Passes over item vectors so far.</summary>
    public long Passes => _model.Passes;

    /// <summary>Runs round 1 over a view that the caller holds.</summary>
    /// <param name="view">The view.</param>
    /// <param name="requests">The requests, at most <see cref="MaxBatch"/>.</param>
    /// <param name="results">One answer per request.</param>
    public void Run(PartitionView view, ReadOnlySpan<RecallRequest> requests, Span<RecallResult?> results)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(requests.Length, MaxBatch, nameof(requests));
        view.ThrowIfClosed();
        var tasks = Start(view, requests);
        _model.Run(view, tasks, _zones);
        _picker ??= new RowPicker(_zones);
        _collector ??= new RecallCollector(_model.Scores, _zones);
        for (var i = 0; i < tasks.Length; i++)
        {
            var task = tasks[i];
            for (var channel = 0; channel < requests[i].Interests.Length; channel++)
            {
                if (channel == (int)RecallChannel.Similar)
                    _similar.Run(view, task, requests[i].Interests[channel], _picker);
                else
                    _index.Run(view, task, (RecallChannel)channel, requests[i].Interests[channel], _picker);
            }
            HotScan.Hot(view, task, _picker);
            HotScan.Region(view, task, _picker, _region);
            HotScan.Fresh(view, task, _picker);
            results[i] = _collector.Collect(view, task);
        }
        GC.KeepAlive(view);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _bits.Dispose();
        _index.Dispose();
        foreach (var task in _tasks)
            task.Coarse.Dispose();
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
            _running[i].Start(view, requests[i], _bits.Address + (nint)(from * sizeof(ulong)), _time);
            _running[i].Counts = Eligibility.Mark(view, requests[i], _bits.Span<ulong>(from, words), _filters);
        }
        return _running.AsSpan(0, requests.Length);
    }
}
