using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Users;

/// <summary>
/// Watches the writes of users' state, over all users of a silo: metrics, one log line when writes begin to fail, and one when they succeed again.
/// </summary>
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
        _duration = _meter.CreateHistogram<double>("kg.userstate.write.duration", "ms", "Time of a write of a user's state, with the append to the event log");
    }

    /// <inheritdoc />
    public void Dispose() => _meter.Dispose();

    /// <summary>Counts a write that was stored.</summary>
    internal void Succeeded(TimeSpan took)
    {
        Count("ok", took);
        long missed;
        lock (_lock)
            (missed, _failuresInARow) = (_failuresInARow, 0);
        if (missed > 0)
            LogRecovered(missed);
    }

    /// <summary>Counts a write that was refused because another activation wrote the same state. It says nothing about the store.</summary>
    internal void Conflicted(string userId, Exception conflict, TimeSpan took)
    {
        Count("conflict", took);
        LogConflict(conflict, userId);
    }

    /// <summary>Counts a write that failed or took too long.</summary>
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

    [LoggerMessage(
        Level = LogLevel.Error,
        Message = "The state of user {UserId} cannot be written; its callers have to try again. Until a write succeeds, failures are counted and not logged")]
    private partial void LogFailing(Exception failure, string userId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Users' state is written again after {Failures} failed writes")]
    private partial void LogRecovered(long failures);

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "Another activation of user {UserId} wrote the state; this activation ends, and its callers have to send their writes again")]
    private partial void LogConflict(Exception conflict, string userId);
}
