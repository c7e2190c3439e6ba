using KgOrleans.Api.Lanes;
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
/// adding to a lane that is busy and full waits, which stops reading the body: that is the backpressure on the sender. Disposing waits for what is on its way and
/// drops what is not sent yet.
/// </summary>
/// <param name="lanes">Number of lanes.</param>
/// <param name="batchSize">Documents of a full batch.</param>
/// <param name="write">Writes one batch.</param>
/// <param name="outcome">Told how each document ended.</param>
/// <param name="turns">What all uploads share.</param>
internal sealed class BulkUpload(int lanes, int batchSize, BulkWrite write, BulkOutcome outcome, UploadTurns turns) : IAsyncDisposable
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
        turns.Hold(document.Json.Length);
        return to.Waiting.Count >= batchSize || to.Bytes >= BatchBytes || turns.IsCrowded ? new ValueTask(SendAsync(lane, cancellationToken)) : ValueTask.CompletedTask;
    }

    /// <summary>Writes what is left and waits for everything.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(Enumerable.Range(0, lanes).Select(lane => SendAsync(lane, cancellationToken)));
        await Task.WhenAll(_lanes.Select(lane => lane.OnItsWay));
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_lanes.Select(lane => lane.OnItsWay)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        turns.Hold(-_lanes.Sum(lane => lane.Bytes));
    }

    /// <summary>How a write ends that failed for a reason that concerns only its documents; null for a defect. The rest of an upload goes on.</summary>
    public static WriteResult? Explain(Exception exception, CancellationToken cancellationToken)
    {
        if (GrainCalls.IsTransient(exception, cancellationToken))
            return WriteResult.Refused(WriteStatus.Unavailable, "$", "unavailable", "could not be written now; send it again later");
        return StorageException.IsForGood(exception)
            ? WriteResult.Refused(WriteStatus.Conflict, "$", "stateUnreadable", "the stored state cannot be read; an operator must repair it")
            : null;
    }

    private async Task SendAsync(int lane, CancellationToken cancellationToken)
    {
        var from = _lanes[lane];
        await from.OnItsWay;
        if (from.Waiting.Count == 0)
            return;
        BulkDocument[] batch = [.. from.Waiting];
        var bytes = from.Bytes;
        from.Waiting.Clear();
        from.Bytes = 0;
        from.OnItsWay = WriteAsync(lane, batch, bytes, cancellationToken);
    }

    private async Task WriteAsync(int lane, BulkDocument[] batch, long bytes, CancellationToken cancellationToken)
    {
        WriteResult[] results;
        try
        {
            using var turn = await turns.TakeAsync(cancellationToken);
            results = await write(lane, batch, cancellationToken);
        }
        catch (Exception exception) when (Explain(exception, cancellationToken) is { } refused)
        {
            foreach (var document in batch)
                Reject(document.Line, refused);
            return;
        }
        finally
        {
            turns.Hold(-bytes);
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
