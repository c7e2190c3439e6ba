namespace KgOrleans.ClientTestSupport;

/// <summary>A clock whose timers fire at once, moving it to their due time: waits are recorded and take no time.</summary>
public sealed class InstantTime(DateTimeOffset start) : TimeProvider
{
    private readonly object _lock = new();
    private TimeSpan _elapsed;

    public InstantTime()
        : this(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero))
    {
    }

    public List<TimeSpan> Waits { get; } = [];

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => start + Elapsed;

    public override long GetTimestamp() => Elapsed.Ticks;

    public TimeSpan Elapsed
    {
        get
        {
            lock (_lock)
                return _elapsed;
        }
    }

    public void Advance(TimeSpan by)
    {
        lock (_lock)
            _elapsed += by;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        lock (_lock)
        {
            Waits.Add(dueTime);
            _elapsed += dueTime;
        }
        return new FiredTimer(new Timer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan));
    }

    private sealed class FiredTimer(Timer timer) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}
