using System.Globalization;
using KgOrleans.Storage;
using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Objects;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Snapshots;

/// <summary>
/// The base snapshots of one shard: the newest is read at the start, a new one is written when the log has grown, and what nobody needs any more is given up.
/// The two newest are kept, and the log from the older one on, so that a damaged one costs a longer replay and nothing else.
/// </summary>
internal sealed partial class ShardSnapshots(
    int shard, IObjectStore store, SnapshotWriter writer, SnapshotSchedule schedule, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private volatile ShardSnapshot? _before;
    private volatile ShardSnapshot? _newest;
    private volatile string? _failure;
    private long _failedAt;
    private long _grown;
    private long _grownAt;
    private Task _writing = Task.CompletedTask;

    /// <summary>The newest snapshot; null before the first.</summary>
    public ShardSnapshot? Newest => _newest;

    /// <summary>Position up to which both kept snapshots have counted each partition of the event log; empty before there are two.</summary>
    public long[] EventsCountedTo => _before?.Header.CountedTo ?? [];

    /// <summary>Why the last attempt to write one failed; null when it did not.</summary>
    public string? Failure => _failure;

    /// <summary>Completes when none is being written.</summary>
    public Task Written => _writing;

    /// <summary>Opens the newest snapshot that is whole; null when the log has everything.</summary>
    /// <exception cref="StorageException">
    /// No snapshot is whole and the log does not begin at its beginning, or a snapshot is of another log, or of a newer format.
    /// </exception>
    public async Task<ShardSnapshot?> OpenAsync(IRecordLog log, CancellationToken cancellationToken)
    {
        foreach (var name in (await ListAsync(cancellationToken)).Reverse())
        {
            try
            {
                if (await ShardSnapshot.OpenAsync(store, name, cancellationToken) is not { } snapshot)
                    continue;
                _newest = snapshot;
                Check(snapshot, log);
                return snapshot;
            }
            catch (LogCorruptException e)
            {
                LogDamaged(e, shard, name);
            }
        }
        return log.IsWhole
            ? null
            : throw new StorageException(
                $"Log {log.Name} has been trimmed, and no base snapshot of the shard is there and whole. Restore the data from a backup.", isTransient: false);
    }

    /// <summary>Starts to write a snapshot if one is due and none is being written.</summary>
    /// <param name="log">The shard's log.</param>
    /// <param name="countedTo">Position up to which each partition of the event log is counted.</param>
    /// <param name="capture">Takes the shard at one moment.</param>
    public void WriteIfDue(IRecordLog log, long[] countedTo, Func<CancellationToken, Task<SnapshotSource>> capture)
    {
        lock (_gate)
        {
            var grown = schedule.GrowthOf(log, countedTo, _newest);
            if (grown != _grown)
                (_grown, _grownAt) = (grown, time.GetTimestamp());
            if (!_writing.IsCompleted || _stop.IsCancellationRequested || (_failure is not null && time.GetElapsedTime(_failedAt) < RetryAfter))
                return;
            var newest = _newest is { } snapshot ? (snapshot.Length, snapshot.Header.WrittenAt) : ((long, DateTimeOffset)?)null;
            if (schedule.IsDue(grown, time.GetElapsedTime(_grownAt), newest, time.GetUtcNow()))
                _writing = Task.Run(() => TryWriteAsync(log, capture));
        }
    }

    /// <summary>Starts no more, and gives up what is being written.</summary>
    public void Stop() => _stop.Cancel();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _writing;
        if (_newest is { } newest)
            await newest.DisposeAsync();
        if (_before is { } before)
            await before.DisposeAsync();
        _stop.Dispose();
    }

    private static void Check(ShardSnapshot snapshot, IRecordLog log)
    {
        var header = snapshot.Header;
        if (header.LogId != log.Id)
        {
            throw new StorageException(
                $"Base snapshot {snapshot.Name} belongs to another log than {log.Name}. Logs and snapshots have to be moved and restored together.",
                isTransient: false);
        }
        if (header.Position < log.FirstPosition || header.Position > log.EndPosition)
        {
            throw new StorageException(
                $"Base snapshot {snapshot.Name} is of position {header.Position}, and log {log.Name} has {log.FirstPosition} to {log.EndPosition}. "
                    + "Logs and snapshots have to be moved and restored together.", isTransient: false);
        }
    }

    private async Task TryWriteAsync(IRecordLog log, Func<CancellationToken, Task<SnapshotSource>> capture)
    {
        try
        {
            await schedule.Turn.WaitAsync(_stop.Token);
            try
            {
                await WriteAsync(log, capture, _stop.Token);
                _failure = null;
            }
            finally
            {
                schedule.Turn.Release();
            }
        }
        catch (Exception) when (_stop.IsCancellationRequested)
        {
            // The shard closes; the log has everything.
        }
        catch (Exception e)
        {
            // Nothing is lost: the log is kept until a snapshot is there.
            LogFailed(e, shard);
            _failedAt = time.GetTimestamp();
            _failure = e.Message;
        }
    }

    private async Task WriteAsync(IRecordLog log, Func<CancellationToken, Task<SnapshotSource>> capture, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        string name;
        using (var source = await capture(cancellationToken))
        {
            // The epoch keeps a writer that was fenced meanwhile from replacing a snapshot that its successor reads.
            name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{source.Position:D20}-{source.CountedTo.Sum():D20}-{log.Epoch:D10}");
            await writer.WriteAsync(store, name, source, log, _newest, time.GetUtcNow(), cancellationToken);
        }
        // Read back before anything is given up that it stands for.
        var written = await ShardSnapshot.OpenAsync(store, name, cancellationToken)
            ?? throw new StorageException($"Base snapshot {name} is not there after it was written.", isTransient: true);
        var older = _before;
        (_before, _newest) = (_newest, written);
        if (older is not null)
            await older.DisposeAsync();
        LogWritten(shard, written.Header.Items, written.Length, time.GetElapsedTime(started));
        if (_before is { } before)
            await log.TrimAsync(before.Header.Position, cancellationToken);
        // What is damaged goes as well.
        foreach (var gone in await ListAsync(cancellationToken))
        {
            if (string.CompareOrdinal(gone, name) < 0 && gone != _before?.Name)
                await store.DeleteAsync(gone, cancellationToken);
        }
    }

    private string Prefix => string.Create(CultureInfo.InvariantCulture, $"shard-{shard:000}-");

    private ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken) => store.ListAsync(Prefix, cancellationToken);

    [LoggerMessage(Level = LogLevel.Error, Message = "Shard {Shard} cannot use base snapshot {Name}; it reads the one before and more of its log")]
    private partial void LogDamaged(Exception e, int shard, string name);

    [LoggerMessage(Level = LogLevel.Information, Message = "Shard {Shard} wrote a base snapshot of {Items} items, {Bytes} bytes, in {Time}")]
    private partial void LogWritten(int shard, int items, long bytes, TimeSpan time);

    [LoggerMessage(Level = LogLevel.Error, Message = "Shard {Shard} could not write a base snapshot; its log is kept, and it tries again in a minute")]
    private partial void LogFailed(Exception e, int shard);
}
