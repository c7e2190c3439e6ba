using KgOrleans.Storage.Logs;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Storage.Events;

/// <summary>Checkpoints of a partition, and what is given up of its log.</summary>
internal sealed partial class EventPartition
{
    private static readonly TimeSpan AgeStep = TimeSpan.FromHours(6);

    private List<EventAge> _ages = [];
    private long _checkpointTo;
    private int _sinceCheckpoint;
    private Task _checkpointing = Task.CompletedTask;

    /// <summary>Gives up events that are older than the retention, and that nobody needs.</summary>
    /// <param name="before">Events at or above are needed.</param>
    /// <param name="cancellationToken">Stops the trimming.</param>
    public async Task TrimAsync(long before, CancellationToken cancellationToken)
    {
        if (_options.RetentionDays == 0)
            return;
        var limit = _options.Time.GetUtcNow().AddDays(-_options.RetentionDays).ToUnixTimeMilliseconds();
        lock (_gate)
        {
            var old = _ages.FindLast(age => age.At <= limit).Position;
            before = Math.Min(Math.Min(before, old), _checkpointTo);
        }
        before = Math.Min(before, AppliedTo());
        if (before <= _log.FirstPosition)
            return;
        await _log.TrimAsync(before, cancellationToken);
        lock (_gate)
        {
            // The events that they were about are gone.
            foreach (var (user, position) in _erased)
            {
                if (position < _log.FirstPosition)
                    _erased.Remove(user);
            }
        }
    }

    /// <summary>Takes what a checkpoint knows; returns from where on the log has to be read.</summary>
    private async Task<long> RestoreAsync(CancellationToken cancellationToken)
    {
        if (_options.Checkpoints is not { } store)
            return 0;
        EventCheckpoint? checkpoint;
        try
        {
            checkpoint = await EventCheckpoint.ReadAsync(store, _number, cancellationToken);
        }
        catch (LogCorruptException e)
        {
            LogCheckpointDamaged(e, _number);
            return 0;
        }
        if (checkpoint is null || checkpoint.LogId != _log.Id || checkpoint.Position > _log.EndPosition || checkpoint.Position < _log.FirstPosition)
            return 0;
        foreach (var (id, position) in checkpoint.Ids)
            _recent.Add(id, position);
        foreach (var (user, position) in checkpoint.Erasures)
            _erased[user] = position;
        _ages = [.. checkpoint.Ages];
        return _checkpointTo = checkpoint.Position;
    }

    /// <summary>Writes a checkpoint in the background if one is due. Called under the gate.</summary>
    private void CheckpointIfDue()
    {
        if (_options.Checkpoints is null || !_checkpointing.IsCompleted || _stop.IsCancellationRequested)
            return;
        var now = _options.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var isAged = _ages.Count == 0 || now - _ages[^1].At >= (long)AgeStep.TotalMilliseconds;
        if (!isAged && _sinceCheckpoint < _options.EventsPerCheckpoint)
            return;
        // The end is what is durable; ids behind it are added again when the log is read.
        if (isAged)
            _ages.Add(new EventAge(now, _log.EndPosition));
        var first = _log.FirstPosition;
        _ages.RemoveRange(0, Math.Max(0, _ages.FindLastIndex(age => age.Position <= first)));
        _sinceCheckpoint = 0;
        var erasures = _erased.Select(e => new Erasure(e.Key, e.Value)).ToArray();
        var checkpoint = new EventCheckpoint(_log.Id, FlownTo(), _recent.ToArray(), [.. _ages], erasures);
        _checkpointing = Task.Run(() => CheckpointAsync(checkpoint));
    }

    private async Task CheckpointAsync(EventCheckpoint checkpoint)
    {
        try
        {
            await checkpoint.WriteAsync(_options.Checkpoints!, _number, _stop.Token);
            lock (_gate)
                _checkpointTo = checkpoint.Position;
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The partition closes; the next start reads more of the log.
        }
        catch (Exception e)
        {
            LogCheckpointFailed(e, _number);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The checkpoint of event partition {Partition} is damaged: the whole partition is read instead")]
    private partial void LogCheckpointDamaged(Exception e, int partition);

    [LoggerMessage(Level = LogLevel.Error, Message = "The checkpoint of event partition {Partition} could not be written: a start reads more of its log")]
    private partial void LogCheckpointFailed(Exception e, int partition);
}
