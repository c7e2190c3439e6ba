using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Grains.Scoring;

/// <summary>Requests of one partition that wait together. Callers join it under the pool's lock until a thread takes it.</summary>
internal sealed class ScanBatch(IScanSource source) : PoolJob
{
    private readonly List<Caller> _callers = [];

    public IScanSource Source => source;

    public override int Callers => _callers.Count;

    public bool IsFull => _callers.Count == RecallScan.MaxBatch;

    public Task<ScanAnswer> Join(RecallRequest request, CancellationToken cancellationToken)
    {
        var caller = new Caller(request, cancellationToken);
        _callers.Add(caller);
        return caller.Done.Task.WaitAsync(cancellationToken);
    }

    public override void Execute(RecallScan scan)
    {
        for (var i = _callers.Count - 1; i >= 0; i--)
        {
            if (!_callers[i].Cancellation.IsCancellationRequested)
                continue;
            _callers[i].Done.TrySetCanceled(_callers[i].Cancellation);
            _callers.RemoveAt(i);
        }
        if (_callers.Count == 0)
            return;
        try
        {
            // Taken now, not when the first caller came: every caller sees what was published before its request.
            using var view = source.Acquire();
            Run(scan, view, _callers);
        }
        catch (Exception e)
        {
            foreach (var caller in _callers)
                caller.Done.TrySetException(e);
        }
    }

    private static void Run(RecallScan scan, PartitionView view, List<Caller> callers)
    {
        var results = new RecallResult?[callers.Count];
        try
        {
            scan.Run(view, callers.ConvertAll(c => c.Request).ToArray(), results);
        }
        catch (Exception) when (callers.Count > 1)
        {
            // One bad request must not fail the others: each runs alone.
            foreach (var caller in callers)
                RunAlone(scan, view, caller);
            return;
        }
        for (var i = 0; i < results.Length; i++)
            callers[i].Done.TrySetResult(new ScanAnswer(view, results[i]!));
    }

    private static void RunAlone(RecallScan scan, PartitionView view, Caller caller)
    {
        try
        {
            Run(scan, view, [caller]);
        }
        catch (Exception e)
        {
            caller.Done.TrySetException(e);
        }
    }

    private sealed record Caller(RecallRequest Request, CancellationToken Cancellation)
    {
        public TaskCompletionSource<ScanAnswer> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
