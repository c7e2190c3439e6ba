using System.Text.Json;
using KgOrleans.Client;
using KgOrleans.CommandLine;
using KgOrleans.Import.Sets;
using KgOrleans.Import.Upload;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Cli.Import;

/// <summary>Sends a data set: items first, because events name them, then users, then events.</summary>
/// <param name="Client">The service.</param>
/// <param name="Terminal">Where to write.</param>
/// <param name="Time">Clock: the newest time of the set is moved to its now.</param>
internal sealed record ImportRun(KgClient Client, Terminal Terminal, TimeProvider Time)
{
    /// <summary>Leaves times as they are.</summary>
    public bool KeepTime { get; init; }

    /// <summary>File that the events held out go to, one to a line.</summary>
    public string? HoldOutFile { get; init; }

    /// <summary>Writes the summary as one line of JSON.</summary>
    public bool Json { get; init; }

    /// <summary>Imports a set that <paramref name="read"/> gets from its files; returns the exit code.</summary>
    public async Task<int> RunAsync(Func<ImportSet> read, CancellationToken cancellation)
    {
        var start = Time.GetTimestamp();
        var set = read();
        cancellation.ThrowIfCancellationRequested();
        if (set.Files.FirstOrDefault(f => f.Read > 0 && f.Rejected.Count == f.Read) is { } refused)
        {
            // Documents made from the other files alone would be wrong, and stay.
            Write(new ImportSummary
            {
                WorldId = set.WorldId.Length > 0 ? set.WorldId : null,
                Files = set.Files,
                Uploads = [],
                Took = Time.GetElapsedTime(start),
                Failure = $"every row of {refused.Name} was refused; nothing was sent",
            });
            return ExitCode.Failed;
        }
        await WorldGuard.CheckAsync(Client, set, cancellation);

        var shift = KeepTime || set.Newest is not { } newest ? TimeSpan.Zero : NowInMilliseconds() - newest;
        set = set.ShiftedBy(shift);
        if (HoldOutFile is not null)
            await File.WriteAllLinesAsync(HoldOutFile, set.HeldOut.Select(e => JsonSerializer.Serialize(e, KgJson.Options)), cancellation);

        UploadReport items = new("items"), users = new("users"), events = new("events");
        string? failure = null;
        await CountProgress.RunAsync(Terminal.Error, Time, async progress =>
        {
            try
            {
                await DocumentUpload.SendAsync(
                    Client, "v1/items", NdjsonLine.Of(set.Items, i => "item " + i.ItemId), items, progress.Begin("items", set.Items.Count), Time, cancellation);
                await DocumentUpload.SendAsync(
                    Client, "v1/users", NdjsonLine.Of(set.Users, u => "user " + u.UserId), users, progress.Begin("users", set.Users.Count), Time, cancellation);
                var upload = new EventUpload(Client, events, progress.Begin("events", set.EventCount), Time);
                await upload.SendAsync(Named(set), cancellation);
            }
            catch (ApiException e)
            {
                failure = e.Message;
            }
        });

        var summary = new ImportSummary
        {
            WorldId = set.WorldId.Length > 0 ? set.WorldId : null,
            Files = set.Files,
            Uploads = [items, users, events],
            TimeShift = shift,
            Newest = set.Newest,
            Took = Time.GetElapsedTime(start),
            Notes = set.Notes,
            Next = failure is null && set.ExampleUser is { } user ? [$"kg recommend {user}{UrlOption}"] : [],
            Failure = failure,
        };
        Write(summary);
        return failure is null && summary.RejectedByService == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    /// <summary>
    /// Imports the lines of one file into <c>items</c>, <c>users</c> or <c>events</c>; returns the exit code, which is that of bad input when a line was
    /// refused.
    /// </summary>
    public async Task<int> RunFileAsync(string sort, Stream lines, CancellationToken cancellation)
    {
        var start = Time.GetTimestamp();
        var report = new UploadReport(sort);
        string? failure = null;
        await CountProgress.RunAsync(Terminal.Error, Time, async progress =>
        {
            try
            {
                var source = NdjsonLine.ReadAsync(lines, cancellation);
                var show = progress.Begin(sort, total: null);
                if (sort == "events")
                    await new EventUpload(Client, report, show, Time).SendAsync(EventLines.ParseAsync(source, report, Time), cancellation);
                else
                    await DocumentUpload.SendAsync(Client, "v1/" + sort, source, report, show, Time, cancellation);
            }
            catch (ApiException e)
            {
                failure = e.Message;
            }
        });
        Write(new ImportSummary { Uploads = [report], Took = Time.GetElapsedTime(start), Failure = failure });
        return failure is not null ? ExitCode.Failed : report.Rejected.Count > 0 ? ExitCode.Usage : ExitCode.Ok;
    }

    private string UrlOption => Client.Url == new Uri(Connection.DefaultUrl) ? "" : $" --url {Client.Url.AbsoluteUri.TrimEnd('/')}";

    private static async IAsyncEnumerable<NamedEvent> Named(ImportSet set)
    {
        foreach (var e in set.Events)
            yield return new NamedEvent("event " + e.EventId, e);
        await Task.CompletedTask;
    }

    private DateTimeOffset NowInMilliseconds() =>
        DateTimeOffset.FromUnixTimeMilliseconds(Time.GetUtcNow().ToUnixTimeMilliseconds());

    private void Write(ImportSummary summary)
    {
        if (Json)
            Terminal.WriteLine(summary.ToJson());
        else
            summary.Write(Terminal.Out);
    }
}
