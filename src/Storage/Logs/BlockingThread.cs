using System.Threading.Channels;

namespace KgOrleans.Storage.Logs;

/// <summary>A thread for work that blocks, such as flushes, so that it never holds a pool thread. Work runs in the order it was given.</summary>
internal sealed class BlockingThread : IDisposable
{
    private readonly Channel<Action> _queue = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Thread _thread;

    /// <summary>Starts the thread.</summary>
    public BlockingThread(string name)
    {
        _thread = new Thread(Run) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Runs work; what it throws, the caller gets.</summary>
    /// <exception cref="ObjectDisposedException">The thread has ended.</exception>
    public async ValueTask<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isQueued = _queue.Writer.TryWrite(() =>
        {
            try
            {
                done.SetResult(work());
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        ObjectDisposedException.ThrowIf(!isQueued, this);
        return await done.Task;
    }

    /// <summary>Runs what is queued, then ends the thread.</summary>
    public void Dispose()
    {
        _queue.Writer.TryComplete();
        _thread.Join();
    }

    private void Run()
    {
        var reader = _queue.Reader;
        while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (reader.TryRead(out var work))
                work();
        }
    }
}
