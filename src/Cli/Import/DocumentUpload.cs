using KgOrleans.Cli.Http;
using KgOrleans.Ranking;

namespace KgOrleans.Cli.Import;

/// <summary>
/// Sends documents to a bulk endpoint. The service takes a stream without end, but a stream cannot be sent again after a 503: lines go in calls of at most <see cref="LinesPerCall"/>, in order, one
/// call at a time, so that of two lines with one id the later one wins. That many lines are also as many refusals as the service lists in full.
/// </summary>
internal static class DocumentUpload
{
    /// <summary>Most lines in one call.</summary>
    public const int LinesPerCall = 1_000;

    private const int BytesPerCall = 8 << 20;

    /// <summary>Sends all lines; the outcome, also that of a failure half-way, is in the report.</summary>
    public static async Task SendAsync(KgClient client, string path, IAsyncEnumerable<NdjsonLine> lines, UploadReport report, Action<long> progress, CancellationToken cancellation)
    {
        var names = new List<string>(LinesPerCall);
        using var body = new MemoryStream();
        await foreach (var line in lines.WithCancellation(cancellation))
        {
            if (line.Utf8 is not { } json)
            {
                report.Add(sent: 1, accepted: 0, duplicates: 0);
                report.Reject("tooLong", line.Name, $"has more than {Limits.NdjsonLine} bytes");
                continue;
            }
            if (names.Count == LinesPerCall || body.Length + json.Length > BytesPerCall)
                await FlushAsync();
            names.Add(line.Name);
            body.Write(json);
            body.WriteByte((byte)'\n');
        }
        await FlushAsync();

        async Task FlushAsync()
        {
            if (names.Count == 0)
                return;
            var reply = await client.PostNdjsonAsync(path, body.GetBuffer().AsMemory(0, (int)body.Length), cancellation);
            report.Add(names.Count, reply.Accepted, duplicates: 0);
            foreach (var rejected in reply.Rejected)
                report.Reject(rejected.Code, rejected.Line >= 1 && rejected.Line <= names.Count ? names[(int)rejected.Line - 1] : $"line {rejected.Line}", rejected.Message);
            report.Rejected.AddUnlisted("not listed", reply.RejectedCount - reply.Rejected.Count);
            progress(report.Sent);
            names.Clear();
            body.SetLength(0);
        }
    }
}
