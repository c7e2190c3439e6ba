using System.Threading.Channels;
using KgOrleans.Client;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Import.Upload;

/// <summary>An event on its way to the service, with what a message calls it.</summary>
public readonly record struct NamedEvent(string Name, UserEvent Event);

/// <summary>
/// Sends events in batches over a few lanes. A user belongs to one lane and a lane has one call in flight, so that a user's events arrive in the order given
/// while several calls are under way.
/// </summary>
public sealed class EventUpload(KgClient client, UploadReport report, Action<long> progress, TimeProvider time)
{
    /// <summary>Calls in flight at most.</summary>
    public const int Lanes = 4;

    private const int RetriesOfAnEvent = 5;

    /// <summary>Sends all events. A call that fails for good stops every lane and is thrown; the outcome so far is in the report.</summary>
    public async Task SendAsync(IAsyncEnumerable<NamedEvent> events, CancellationToken cancellation)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var lanes = Enumerable.Range(0, Lanes).Select(_ => Channel.CreateBounded<EventBatch>(1)).ToArray();
        var sending = lanes.Select(lane => DrainAsync(lane.Reader, failed)).ToArray();
        try
        {
            await FillAsync(lanes, events, failed.Token);
        }
        catch (OperationCanceledException) when (failed.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            // A lane failed; awaiting it below says why.
        }
        finally
        {
            foreach (var lane in lanes)
                lane.Writer.TryComplete();
        }
        // The lane that failed first is the reason; the others were cancelled because of it.
        await Task.WhenAll(sending).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        foreach (var lane in sending.Where(lane => lane.IsFaulted))
            await lane;
        await Task.WhenAll(sending);
    }

    private static async Task FillAsync(Channel<EventBatch>[] lanes, IAsyncEnumerable<NamedEvent> events, CancellationToken cancellation)
    {
        var open = Enumerable.Range(0, lanes.Length).Select(_ => new EventBatch()).ToArray();
        await foreach (var e in events.WithCancellation(cancellation))
        {
            var lane = (int)(StableHash.Of(e.Event.UserId, "", seed: 0) % (ulong)lanes.Length);
            if (open[lane].TryAdd(e))
                continue;
            await lanes[lane].Writer.WriteAsync(open[lane], cancellation);
            open[lane] = new EventBatch();
            open[lane].TryAdd(e);
        }
        for (var lane = 0; lane < lanes.Length; lane++)
        {
            if (open[lane].Count > 0)
                await lanes[lane].Writer.WriteAsync(open[lane], cancellation);
        }
    }

    private async Task DrainAsync(ChannelReader<EventBatch> batches, CancellationTokenSource failed)
    {
        try
        {
            await foreach (var batch in batches.ReadAllAsync(failed.Token))
            {
                await SendAsync(batch, failed.Token);
                progress(report.Sent);
            }
        }
        catch
        {
            await failed.CancelAsync();
            throw;
        }
    }

    private async Task SendAsync(EventBatch batch, CancellationToken cancellation)
    {
        var sent = batch.Count;
        for (var attempt = 1; batch.Count > 0; attempt++)
        {
            var reply = await client.PostEventsAsync(batch.Body(), cancellation);
            report.Add(0, reply.Accepted, reply.Duplicates);
            var again = new EventBatch();
            foreach (var rejected in reply.Rejected.OrderBy(r => r.Index))
            {
                var known = rejected.Index >= 0 && rejected.Index < batch.Count;
                if (known && rejected.Retryable && attempt <= RetriesOfAnEvent)
                    again.TryAdd(batch[rejected.Index]);
                else
                    report.Reject(rejected.Code, known ? batch[rejected.Index].Name : $"event {rejected.Index}", rejected.Message);
            }
            if (again.Count > 0)
                await Task.Delay(RetryPolicy.Default.DelayAfter(attempt, asked: null, jitter: 0.5), time, cancellation);
            batch = again;
        }
        report.Add(sent, 0, 0);
    }
}
