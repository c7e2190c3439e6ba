using System.Runtime.InteropServices;
using System.Text.Json;
using KgOrleans.Api.Hosting;
using KgOrleans.Api.Json;
using KgOrleans.Api.Lanes;
using KgOrleans.Api.Problems;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Api.Documents;

/// <summary>Reads bulk bodies, a JSON array or NDJSON, and sends what is good on.</summary>
internal static class BulkReader
{
    /// <summary>Runs one upload.</summary>
    public static Task<IResult> RunAsync<T>(HttpContext http, DocumentStore<T> store, UploadTurns turns, ApiInstruments instruments)
        where T : class =>
        MediaTypes.Is(http.Request, MediaTypes.Ndjson) ? ReadLinesAsync(http, store, turns, instruments) : ReadArrayAsync(http, store, turns, instruments);

    private static async Task<IResult> ReadLinesAsync<T>(HttpContext http, DocumentStore<T> store, UploadTurns turns, ApiInstruments instruments)
        where T : class
    {
        if (MediaTypes.Refuse(http.Request, [MediaTypes.Ndjson]) is { } refusal)
            return refusal;
        // Streamed and bounded by line, so that the whole has no limit.
        using var source = BodySource.Open(http, limit: null);
        var outcome = new BulkOutcome();
        await using var upload = store.StartUpload(outcome, turns);
        var lines = new NdjsonLines(source.Reader, Limits.DocumentBytes);
        var documents = 0L;
        try
        {
            while (await lines.MoveNextAsync(CancellationToken.None))
            {
                var line = Bom.Strip(lines.Current);
                if (lines.TooLong)
                    outcome.Reject(lines.Number, "tooLong", $"the line has more than {Limits.DocumentBytes} bytes");
                else if (IsBlank(line.Span))
                    continue;
                else if (Read(line.Span, store, outcome, lines.Number) is { } document)
                    await upload.AddAsync(store.LaneOf(document.Id), document, http.RequestAborted);
                documents++;
            }
        }
        catch (Exception exception) when (source.Explain(exception) is { } problem)
        {
            return problem;
        }
        await upload.CompleteAsync(http.RequestAborted);
        return documents == 0 ? Problem.Invalid("$", "required", "the body is empty") : Answer(outcome, instruments);
    }

    private static async Task<IResult> ReadArrayAsync<T>(HttpContext http, DocumentStore<T> store, UploadTurns turns, ApiInstruments instruments)
        where T : class
    {
        using var body = await JsonBody.ReadAsync(http, Limits.DocumentBytes, MediaTypes.Json, MediaTypes.Ndjson);
        if (body.Problem is not null)
            return body.Problem;
        if (JsonBody.TryParse(body.Utf8, out var json) is { } broken)
            return broken;
        using (json)
        {
            if (json.RootElement.ValueKind != JsonValueKind.Array)
                return Problem.Invalid("$", "wrongType", "must be an array of documents");
            if (json.RootElement.GetArrayLength() == 0)
                return Problem.Invalid("$", "required", "the array is empty");
            var outcome = new BulkOutcome();
            await using var upload = store.StartUpload(outcome, turns);
            var errors = new List<FieldError>();
            var place = 0;
            var good = 0;
            foreach (var element in json.RootElement.EnumerateArray())
            {
                if (Read(JsonMarshal.GetRawUtf8Value(element), store, outcome, ++place, errors) is { } document)
                {
                    good++;
                    await upload.AddAsync(store.LaneOf(document.Id), document, http.RequestAborted);
                }
            }
            if (good == 0)
                return Problem.Invalid(errors);
            await upload.CompleteAsync(http.RequestAborted);
            return Answer(outcome, instruments);
        }
    }

    private static BulkDocument? Read<T>(ReadOnlySpan<byte> utf8, DocumentStore<T> store, BulkOutcome outcome, long line, List<FieldError>? all = null)
        where T : class
    {
        var errors = InputJson.Read<T>(utf8, store.Validate, out var document);
        if (document is not null)
            return new BulkDocument(line, store.IdOf(document), JsonSerializer.SerializeToUtf8Bytes(document, KgJson.Options));
        outcome.Reject(line, errors[0].Code, string.Join("; ", errors));
        if (all?.Count < BulkOutcome.Listed)
            all.AddRange(errors.Select(e => e with { Field = JsonPaths.Join($"[{line - 1}]", e.Field == "$" ? "" : e.Field) }));
        return null;
    }

    private static IResult Answer(BulkOutcome outcome, ApiInstruments instruments)
    {
        if (outcome.NothingAvailable)
            return Problem.Unavailable("Nothing could be written now. Send it again later.");
        var answer = outcome.ToAnswer();
        instruments.CountDocuments(answer);
        return TypedResults.Ok(answer);
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => line.Trim(" \t\r"u8).IsEmpty;
}
