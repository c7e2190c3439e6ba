using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Import.Upload;

/// <summary>
/// Reads events from NDJSON, so that users can be spread over lanes and retryable events sent again. Bad lines are refused here, each alone.
/// </summary>
public static class EventLines
{
    /// <summary>The valid events; refused lines go to the report.</summary>
    public static async IAsyncEnumerable<NamedEvent> ParseAsync(IAsyncEnumerable<NdjsonLine> lines, UploadReport report, TimeProvider time)
    {
        await foreach (var line in lines)
        {
            if (Parse(line, time, out var code, out var message) is { } e)
            {
                yield return new NamedEvent(line.Name, e);
                continue;
            }
            report.Add(sent: 1, accepted: 0, duplicates: 0);
            report.Reject(code, line.Name, message);
        }
    }

    private static UserEvent? Parse(NdjsonLine line, TimeProvider time, out string code, out string message)
    {
        (code, message) = ("", "");
        if (line.Utf8 is null)
        {
            (code, message) = ("tooLong", $"has more than {Limits.DocumentBytes} bytes");
            return null;
        }
        var errors = InputJson.Read<UserEvent>(line.Utf8, sent => EventValidator.Validate(sent, time.GetUtcNow()), out var e);
        if (errors.Count > 0)
            (code, message) = (errors[0].Code, string.Join("; ", errors));
        return e;
    }
}
