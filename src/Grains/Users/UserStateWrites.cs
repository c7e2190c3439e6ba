using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Users;

/// <summary>How the writes of users' state go, over all users of a silo: metrics, and one log line when the store stops taking them and one when it does again, however many users wait.</summary>
public sealed partial class UserStateWrites : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "KgOrleans.UserState";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _writes;
    private readonly Histogram<double> _duration;
    private readonly ILogger<UserStateWrites> _logger;
    private readonly Lock _lock = new();
    private long _failuresInARow;

    /// <summary>Creates the instruments.</summary>
    public UserStateWrites(ILogger<UserStateWrites> logger)
    {
        _logger = logger;
        _writes = _meter.CreateCounter<long>("kg.userstate.writes", "{write}", "Writes of users' state by outcome");
        _duration = _meter.CreateHistogram<double>("kg.userstate.write.duration", "ms", "Time of a write of a user's state, event log included");
    }

    /// <inheritdoc />
    public void Dispose() => _meter.Dispose();

    internal void Succeeded(TimeSpan took)
    {
        Count("ok", took);
        long missed;
        lock (_lock)
            (missed, _failuresInARow) = (_failuresInARow, 0);
        if (missed > 0)
            LogRecovered(missed);
    }

    /// <summary>Another activation wrote the same state: a matter of one user, not of the store.</summary>
    internal void Conflicted(string userId, Exception conflict, TimeSpan took)
    {
        Count("conflict", took);
        LogConflict(conflict, userId);
    }

    internal void Failed(string userId, Exception failure, TimeSpan took)
    {
        Count(failure is OperationCanceledException ? "timeout" : "failed", took);
        bool first;
        lock (_lock)
            first = _failuresInARow++ == 0;
        if (first)
            LogFailing(failure, userId);
    }

    private void Count(string outcome, TimeSpan took)
    {
        _writes.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        _duration.Record(took.TotalMilliseconds, new KeyValuePair<string, object?>("outcome", outcome));
    }

    [LoggerMessage(1, LogLevel.Error, "Users' state cannot be written, first that of {UserId}: their writes are answered as not recorded until the store takes them again.")]
    private partial void LogFailing(Exception failure, string userId);

    [LoggerMessage(2, LogLevel.Warning, "Users' state is written again after {Failures} failed writes.")]
    private partial void LogRecovered(long failures);

    [LoggerMessage(3, LogLevel.Warning, "The state of user {UserId} was written by another activation: this one ends, and its callers try again.")]
    private partial void LogConflict(Exception conflict, string userId);
}
