using KgOrleans.Ranking.Recall;

namespace KgOrleans.Grains.Scoring;

/// <summary>Something that waits for a thread of the pool.</summary>
internal abstract class PoolJob
{
    /// <summary>Callers that wait for it.</summary>
    public virtual int Callers => 1;

    /// <summary>Does the work.</summary>
    public abstract void Execute(RecallScan scan);

    /// <summary>Tells a caller who was not told yet, once the thread counts as free: what they do next may ask for free threads.</summary>
    public virtual void Finish()
    {
    }
}

/// <summary>Work of one caller.</summary>
internal sealed class FunctionJob<T>(Func<T> work, CancellationToken cancellationToken) : PoolJob
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;
    private Exception? _failure;

    public Task<T> Task => _done.Task.WaitAsync(cancellationToken);

    public override void Execute(RecallScan scan)
    {
        // A job whose caller has left is not worth its time.
        if (cancellationToken.IsCancellationRequested)
            return;
        try
        {
            _result = work();
        }
        catch (Exception e)
        {
            _failure = e;
        }
    }

    public override void Finish()
    {
        if (_failure is not null)
            _done.TrySetException(_failure);
        else if (cancellationToken.IsCancellationRequested)
            _done.TrySetCanceled(cancellationToken);
        else
            _done.TrySetResult(_result);
    }
}
