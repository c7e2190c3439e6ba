using KgOrleans.Ranking.Recall;

namespace KgOrleans.Grains.Scoring;

/// <summary>A job that waits for a thread of the pool.</summary>
internal abstract class PoolJob
{
    /// <summary>Callers that wait for it.</summary>
    public virtual int Callers => 1;

    /// <summary>Runs the job.</summary>
    public abstract void Execute(RecallScan scan);

    /// <summary>Completes the caller's task. Called when the thread counts as free again, since the caller may ask for free threads next.</summary>
    public virtual void Finish()
    {
    }
}

/// <summary>A function of one caller.</summary>
internal sealed class FunctionJob<T>(Func<T> work, CancellationToken cancellationToken) : PoolJob
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;
    private Exception? _failure;

    public Task<T> Task => _done.Task.WaitAsync(cancellationToken);

    public override void Execute(RecallScan scan)
    {
        // The caller is gone: nobody wants the result.
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
