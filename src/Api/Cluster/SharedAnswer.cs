namespace KgOrleans.Api.Cluster;

/// <summary>An answer that all callers of one second share.</summary>
/// <param name="ask">Gets a new answer; does not throw.</param>
/// <param name="time">Clock.</param>
internal sealed class SharedAnswer<T>(Func<Task<T>> ask, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task<T>? _newest;
    private long _askedAt;

    /// <summary>The answer of this second, or the one that is still awaited.</summary>
    public Task<T> GetAsync()
    {
        lock (_lock)
        {
            if (_newest is null || (_newest.IsCompleted && time.GetElapsedTime(_askedAt) >= Fresh))
            {
                _askedAt = time.GetTimestamp();
                _newest = ask();
            }
            return _newest;
        }
    }
}
