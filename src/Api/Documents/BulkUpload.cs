using KgOrleans.Grains.Interfaces;
using KgOrleans.Storage;

namespace KgOrleans.Api.Documents;

/// <summary>A document on its way to a grain.</summary>
/// <param name="Line">Line that it came from.</param>
/// <param name="Id">Id.</param>
/// <param name="Json">UTF-8 JSON.</param>
internal readonly record struct BulkDocument(long Line, string Id, byte[] Json);

/// <summary>Writes a batch of one lane; a result a document, in order.</summary>
internal delegate Task<WriteResult[]> BulkWrite(int lane, BulkDocument[] batch, CancellationToken cancellationToken);

/// <summary>
/// Spreads documents over lanes. A lane has one batch on its way at a time, so that two documents of one id, which share a lane, are written in the order sent;
/// adding to a lane that is busy and full waits, which stops reading the body: that is the backpressure on the sender.
/// </summary>
/// <param name="lanes">Number of lanes.</param>
/// <param name="batchSize">Documents of a full batch.</param>
/// <param name="write">Writes one batch.</param>
/// <param name="outcome">Told how each document ended.</param>
internal sealed class BulkUpload(int lanes, int batchSize, BulkWrite write, BulkOutcome outcome)
{
    // A grain message stays far below Orleans' limit even when every document has the largest size.
    private const int BatchBytes = 4 << 20;

    private readonly Lane[] _lanes = [.. Enumerable.Range(0, lanes).Select(_ => new Lane())];

    /// <summary>Adds a document to a lane.</summary>
    public ValueTask AddAsync(int lane, BulkDocument document, CancellationToken cancellationToken)
    {
        var to = _lanes[lane];
        to.Waiting.Add(document);
        to.Bytes += document.Json.Length;
        return to.Waiting.Count >= batchSize || to.Bytes >= BatchBytes ? new ValueTask(SendAsync(lane, cancellationToken)) : ValueTask.CompletedTask;
    }

    /// <summary>Writes what is left and waits for everything.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(Enumerable.Range(0, lanes).Select(lane => SendAsync(lane, cancellationToken)));
        await Task.WhenAll(_lanes.Select(lane => lane.OnItsWay));
    }

    /// <summary>Waits for what is on its way, after an upload that broke off; what is not sent yet is dropped.</summary>
    public async Task AbandonAsync() => await Task.WhenAll(_lanes.Select(lane => lane.OnItsWay)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    private async Task SendAsync(int lane, CancellationToken cancellationToken)
    {
        var from = _lanes[lane];
        await from.OnItsWay;
        if (from.Waiting.Count == 0)
            return;
        BulkDocument[] batch = [.. from.Waiting];
        from.Waiting.Clear();
        from.Bytes = 0;
        from.OnItsWay = WriteAsync(lane, batch, cancellationToken);
    }

    private async Task WriteAsync(int lane, BulkDocument[] batch, CancellationToken cancellationToken)
    {
        WriteResult[] results;
        try
        {
            results = await write(lane, batch, cancellationToken);
        }
        catch (Exception exception) when (GrainCalls.IsTransient(exception, cancellationToken))
        {
            foreach (var document in batch)
                outcome.Reject(document.Line, "unavailable", "could not be written now; send it again later", passing: true);
            return;
        }
        catch (Exception exception) when (StorageException.IsForGood(exception))
        {
            foreach (var document in batch)
                outcome.Reject(document.Line, "stateUnreadable", "the stored data cannot be read; an operator must repair it");
            return;
        }
        for (var i = 0; i < batch.Length; i++)
        {
            if (results[i].Succeeded)
                outcome.Accept();
            else
                Reject(batch[i].Line, results[i]);
        }
    }

    private void Reject(long line, WriteResult result)
    {
        var code = result.Errors is [var first, ..] ? first.Code : char.ToLowerInvariant(result.Status.ToString()[0]) + result.Status.ToString()[1..];
        outcome.Reject(line, code, WriteAnswers.Reason(result), result.Status == WriteStatus.Unavailable);
    }

    private sealed class Lane
    {
        public List<BulkDocument> Waiting { get; } = [];

        public long Bytes { get; set; }

        public Task OnItsWay { get; set; } = Task.CompletedTask;
    }
}
