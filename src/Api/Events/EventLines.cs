using KgOrleans.Api.Documents;
using KgOrleans.Api.Hosting;
using KgOrleans.Api.Json;
using KgOrleans.Api.Lanes;
using KgOrleans.Api.Problems;
using KgOrleans.Ranking.Keys;
using Microsoft.AspNetCore.Http.Timeouts;

namespace KgOrleans.Api.Events;

/// <summary>
/// Events as NDJSON, a body of any length. They are recorded in batches, one after another, so that a user's events keep their order; the answer comes when all
/// are done. While a batch is recorded nothing is read: that is the backpressure on the sender.
/// </summary>
internal sealed class EventLines(IGrainFactory grains, TimeProvider time, UploadTurns turns)
{
    private const int BatchEvents = 2_000;
    private const int BatchBytes = Limits.JsonBody;

    private readonly List<RejectedEvent> _rejected = [];
    private EventBatch _batch = new();
    // Lines of the batch's events.
    private readonly List<long> _lines = [];
    private int _bytes;
    private int _accepted;
    private int _duplicates;
    private long _rejectedCount;
    private long _passing;

    /// <summary>Records the body of a request.</summary>
    public static async Task<IResult> RunAsync(HttpContext http, IGrainFactory grains, TimeProvider time, UploadTurns turns, ApiInstruments instruments)
    {
        if (MediaTypes.Refuse(http.Request, [MediaTypes.Ndjson]) is { } refusal)
            return refusal;
        // The body takes as long as its sender needs; each batch has its own bounds.
        http.Features.Get<IHttpRequestTimeoutFeature>()?.DisableTimeout();
        using var source = BodySource.Open(http, limit: null);
        var reader = new EventLines(grains, time, turns);
        try
        {
            if (await reader.ReadAsync(new NdjsonLines(source.Reader, Limits.DocumentBytes), http.RequestAborted) == 0)
                return Problem.Invalid("$", "required", "the body is empty");
        }
        catch (Exception exception) when (source.Explain(exception) is { } problem)
        {
            return problem;
        }
        finally
        {
            turns.Hold(-reader._bytes);
        }
        if (reader is { _accepted: 0, _duplicates: 0, _passing: > 0 } && reader._passing == reader._rejectedCount)
            return Problem.Unavailable("No event could be recorded now. Send them again later.");
        var answer = new EventsAnswer(reader._accepted, reader._duplicates, reader._rejected) { RejectedCount = reader._rejectedCount };
        instruments.CountEvents(answer);
        return TypedResults.Ok(answer);
    }

    private async Task<long> ReadAsync(NdjsonLines lines, CancellationToken cancellation)
    {
        var events = 0L;
        while (await lines.MoveNextAsync(CancellationToken.None))
        {
            var line = Bom.Strip(lines.Current);
            if (!lines.TooLong && line.Span.Trim(" \t\r"u8).IsEmpty)
                continue;
            events++;
            if (lines.TooLong)
                _batch.Reject(_lines.Count, "tooLong", $"the line has more than {Limits.DocumentBytes} bytes");
            else
                _batch.Add(_lines.Count, line.Span, time.GetUtcNow());
            _lines.Add(lines.Number);
            _bytes += line.Length;
            turns.Hold(line.Length);
            if (_lines.Count >= BatchEvents || _bytes >= BatchBytes || turns.IsCrowded)
                await RecordAsync(cancellation);
        }
        await RecordAsync(cancellation);
        return events;
    }

    private async Task RecordAsync(CancellationToken cancellation)
    {
        if (_lines.Count == 0)
            return;
        EventsAnswer answer;
        using (await turns.TakeAsync(cancellation))
            answer = await EventRecorder.RecordAsync(grains, _batch, cancellation);
        _accepted += answer.Accepted;
        _duplicates += answer.Duplicates;
        _rejectedCount += answer.Rejected.Count;
        _passing += answer.Rejected.Count(r => r.Retryable);
        foreach (var rejected in answer.Rejected.Take(BulkOutcome.Listed - _rejected.Count))
        {
            var line = _lines[rejected.Index];
            _rejected.Add(rejected with { Index = (int)Math.Min(line - 1, int.MaxValue), Line = line });
        }
        turns.Hold(-_bytes);
        _bytes = 0;
        _batch = new EventBatch();
        _lines.Clear();
    }
}
