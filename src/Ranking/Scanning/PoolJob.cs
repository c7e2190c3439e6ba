using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Scanning;

/// <summary>Something that waits for a thread of the pool.</summary>
internal abstract class PoolJob
{
    /// <summary>Callers that wait for it.</summary>
    public virtual int Callers => 1;

    /// <summary>Does the work and tells the callers.</summary>
    public abstract void Execute(RecallScan scan);
}

/// <summary>Work of one caller.</summary>
internal sealed class FunctionJob<T>(Func<T> work, CancellationToken cancellationToken) : PoolJob
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Task => _done.Task.WaitAsync(cancellationToken);

    public override void Execute(RecallScan scan)
    {
        // A job whose caller has left is not worth its time.
        if (cancellationToken.IsCancellationRequested)
        {
            _done.TrySetCanceled(cancellationToken);
            return;
        }
        try
        {
            _done.TrySetResult(work());
        }
        catch (Exception e)
        {
            _done.TrySetException(e);
        }
    }
}
