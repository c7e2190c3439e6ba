using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace KgOrleans.Silo;

/// <summary>
/// Watches for a clock that was set back. Orleans plans the end of an activation's idle time (<see cref="GrainCollectionOptions.CollectionAge"/>, 15 minutes)
/// by the system clock, and refuses a plan that lies before the newest one carried out. So with a clock set back by more than that age, no grain can be
/// activated until the clock has caught up or the process has started again.
/// </summary>
public sealed partial class ClockWatch(TimeProvider time, IOptions<GrainCollectionOptions> collection, ILogger<ClockWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private DateTimeOffset _newest = time.GetUtcNow();
    private bool _told;

    // Two rounds of collection below the age: one is rounding, one may be due while nobody looks.
    private TimeSpan Bound => collection.Value.CollectionAge - (2 * collection.Value.CollectionQuantum);

    /// <summary>Why no grain can be activated, or will be soon; null while the clock is well.</summary>
    public string? Obstacle
    {
        get
        {
            var back = Look();
            return back < Bound ? null : $"The clock was set back by {back.TotalMinutes:0} minutes. Start the process again, or set the clock right.";
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Look();
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
    }

    /// <summary>How far the clock lies behind the newest time that it showed.</summary>
    private TimeSpan Look()
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            _newest = now > _newest ? now : _newest;
            var back = _newest - now;
            if (back >= Bound && !_told)
                LogSetBack(back);
            _told = back >= Bound;
            return back;
        }
    }

    [LoggerMessage(
        Level = LogLevel.Critical,
        Message = "The clock was set back by {Back}: users who are not in memory cannot be served until it has caught up or the process has started again")]
    private partial void LogSetBack(TimeSpan back);
}
