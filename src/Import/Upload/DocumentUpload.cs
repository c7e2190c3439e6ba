using KgOrleans.Client;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Import.Upload;

/// <summary>
/// Sends documents to a bulk endpoint. The service takes a stream without end, but a stream cannot be sent again after a 503: lines go in calls of at most <see
/// cref="LinesPerCall"/>, in order, one call at a time, so that of two lines with one id the later one wins. That many lines are also as many refusals as the
/// service lists in full.
/// </summary>
public static class DocumentUpload
{
    /// <summary>Most lines in one call.</summary>
    public const int LinesPerCall = 1_000;

    private const int BytesPerCall = 8 << 20;

    /// <summary>Code of a line that was refused for a passing reason, as while its shard moves.</summary>
    private const string Unavailable = "unavailable";

    private const int RetriesOfALine = 5;

    /// <summary>Sends all lines; the outcome, also that of a failure half-way, is in the report.</summary>
    public static async Task SendAsync(
        KgClient client, string path, IAsyncEnumerable<NdjsonLine> lines, UploadReport report, Action<long> progress, TimeProvider time,
        CancellationToken cancellation)
    {
        var call = new List<NdjsonLine>(LinesPerCall);
        var bytes = 0;
        await foreach (var line in lines.WithCancellation(cancellation))
        {
            if (line.Utf8 is not { } json)
            {
                report.Add(sent: 1, accepted: 0, duplicates: 0);
                report.Reject("tooLong", line.Name, $"has more than {Limits.DocumentBytes} bytes");
                continue;
            }
            if (call.Count == LinesPerCall || bytes + json.Length > BytesPerCall)
            {
                await CallAsync(client, path, call, report, time, cancellation);
                progress(report.Sent);
                call.Clear();
                bytes = 0;
            }
            call.Add(line);
            bytes += json.Length;
        }
        if (call.Count > 0)
            await CallAsync(client, path, call, report, time, cancellation);
        progress(report.Sent);
    }

    private static async Task CallAsync(
        KgClient client, string path, IReadOnlyList<NdjsonLine> lines, UploadReport report, TimeProvider time, CancellationToken cancellation)
    {
        var sent = lines.Count;
        for (var attempt = 1; lines.Count > 0; attempt++)
        {
            var reply = await client.PostNdjsonAsync(path, Body(lines), cancellation);
            report.Add(0, reply.Accepted, duplicates: 0);
            var again = new List<NdjsonLine>();
            foreach (var rejected in reply.Rejected.OrderBy(r => r.Line))
            {
                var known = rejected.Line >= 1 && rejected.Line <= lines.Count;
                if (known && rejected.Code == Unavailable && attempt <= RetriesOfALine)
                    again.Add(lines[(int)rejected.Line - 1]);
                else
                    report.Reject(rejected.Code, known ? lines[(int)rejected.Line - 1].Name : $"line {rejected.Line}", rejected.Message);
            }
            report.Rejected.AddUnlisted("not listed", reply.RejectedCount - reply.Rejected.Count);
            if (again.Count > 0)
                await Task.Delay(RetryPolicy.Default.DelayAfter(attempt, asked: null, jitter: 0.5), time, cancellation);
            lines = again;
        }
        report.Add(sent, 0, 0);
    }

    private static byte[] Body(IReadOnlyList<NdjsonLine> lines)
    {
        var body = new byte[lines.Sum(l => l.Utf8!.Length + 1)];
        var at = 0;
        foreach (var line in lines)
        {
            line.Utf8!.CopyTo(body, at);
            at += line.Utf8.Length;
            body[at++] = (byte)'\n';
        }
        return body;
    }
}
