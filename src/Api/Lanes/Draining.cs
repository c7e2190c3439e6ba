namespace KgOrleans.Api.Lanes;

/// <summary>The end of a process: bodies that still arrive are given up at once, and whatever lasts longer than a while is cut.</summary>
internal sealed class Draining : IDisposable
{
    /// <summary>5 seconds: longer than a page's deadline, far below what orchestrators wait before they kill.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _over = new();
    private readonly CancellationTokenRegistration _registration;
    private readonly ITimer _timer;

    public Draining(IHostApplicationLifetime lifetime, TimeProvider time)
    {
        Stopping = lifetime.ApplicationStopping;
        _timer = time.CreateTimer(static over => ((CancellationTokenSource)over!).Cancel(), _over, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _registration = Stopping.Register(() => _timer.Change(Patience, Timeout.InfiniteTimeSpan));
    }

    /// <summary>The process was asked to end: nothing more is read.</summary>
    public CancellationToken Stopping { get; }

    /// <summary>Time is up for what is still in progress.</summary>
    public CancellationToken Over => _over.Token;

    /// <inheritdoc />
    public void Dispose()
    {
        _registration.Dispose();
        _timer.Dispose();
        _over.Dispose();
    }
}
