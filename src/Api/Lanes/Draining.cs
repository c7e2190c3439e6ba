using Microsoft.AspNetCore.Connections;

namespace KgOrleans.Api.Lanes;

/// <summary>
/// The end of a process. Bodies that still arrive are given up at once; connections that last longer than a while are cut, whatever they wait for: a head that
/// does not end, an answer that is read slowly, a stream.
/// </summary>
internal sealed class Draining : IDisposable
{
    /// <summary>5 seconds: longer than a page's deadline, far below what orchestrators wait before they kill.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    // Cancelled when time is up for what is still in progress.
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

    /// <summary>Serves a connection, which is cut when time is up.</summary>
    public async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        await using var cut = _over.Token.UnsafeRegister(static cut => ((ConnectionContext)cut!).Abort(), connection);
        await next(connection);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _registration.Dispose();
        _timer.Dispose();
        _over.Dispose();
    }
}
