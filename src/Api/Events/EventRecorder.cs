using KgOrleans.Api.Documents;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Storage;

namespace KgOrleans.Api.Events;

/// <summary>Records the good events of a batch, user by user.</summary>
internal static class EventRecorder
{
    // User grains called at once for one call: enough for their state writes to share group commits, few enough to leave room for readers.
    private const int UsersAtOnce = 64;

    /// <summary>Records a batch; how each event ended, once all are done.</summary>
    public static async Task<EventsAnswer> RecordAsync(IGrainFactory grains, EventBatch batch, CancellationToken cancellationToken)
    {
        var statuses = new EventStatus[batch.Invalid.Count + batch.Users.Sum(u => u.Indexes.Count)];
        await Parallel.ForEachAsync(
            batch.Users,
            new ParallelOptions { MaxDegreeOfParallelism = UsersAtOnce, CancellationToken = cancellationToken },
            async (user, cancellation) => await RecordUser(grains, user, statuses, cancellation));
        return Answer(batch, statuses);
    }

    private static async Task RecordUser(IGrainFactory grains, UserEvents user, EventStatus[] statuses, CancellationToken cancellationToken)
    {
        EventStatus[]? ended = null;
        var otherwise = EventStatus.Unavailable;
        try
        {
            var command = new EventsCommand([.. user.Json]) { Filled = [.. user.Filled] };
            ended = (await grains.GetGrain<IUserGrain>(user.UserId).RecordEvents(command, cancellationToken)).Statuses;
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, cancellationToken))
        {
            // These events are rejected as retryable below; those of other users go on.
        }
        catch (Exception exception) when (StorageException.IsForGood(exception))
        {
            otherwise = EventStatus.Unreadable;
        }
        for (var i = 0; i < user.Indexes.Count; i++)
            statuses[user.Indexes[i]] = ended?[i] ?? otherwise;
    }

    private static EventsAnswer Answer(EventBatch batch, EventStatus[] statuses)
    {
        var rejected = batch.Invalid
            .Select(e => new RejectedEvent(e.Index, e.Errors[0].Code, string.Join("; ", e.Errors), Retryable: false))
            .ToList();
        int accepted = 0, duplicates = 0;
        foreach (var index in batch.Users.SelectMany(u => u.Indexes))
        {
            switch (statuses[index])
            {
                case EventStatus.Accepted:
                    accepted++;
                    break;
                case EventStatus.Duplicate:
                    duplicates++;
                    break;
                case EventStatus.UnknownItem:
                    rejected.Add(new RejectedEvent(index, "unknownItem", "itemId: there is no such item", Retryable: false));
                    break;
                case EventStatus.Unreadable:
                    rejected.Add(new RejectedEvent(
                        index, "stateUnreadable", "userId: the stored state of this user cannot be read; an operator must repair it", Retryable: false));
                    break;
                case EventStatus.IdConflict:
                    rejected.Add(new RejectedEvent(index, "eventIdConflict", "eventId: stands for another event of this user already", Retryable: false));
                    break;
                case EventStatus.BeforeErasure:
                    rejected.Add(new RejectedEvent(index, "beforeErasure", "timestamp: lies before the erasure of this user", Retryable: false));
                    break;
                case EventStatus.NothingToUndo:
                    rejected.Add(new RejectedEvent(index, "nothingToUndo", "undo: the user has not done what it takes back", Retryable: false));
                    break;
                default:
                    rejected.Add(new RejectedEvent(index, "unavailable", "could not be recorded now; send it again later", Retryable: true));
                    break;
            }
        }
        rejected.Sort((a, b) => a.Index.CompareTo(b.Index));
        return new EventsAnswer(accepted, duplicates, rejected) { RejectedCount = rejected.Count };
    }
}
