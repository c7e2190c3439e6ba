using System.Globalization;
using System.Text.Json;
using KgOrleans.Import;
using KgOrleans.Import.Sets;
using KgOrleans.Import.Upload;
using KgOrleans.Ranking.Keys;
using Spectre.Console;

namespace KgOrleans.Cli.Import;

/// <summary>What an import did, for a reader or as JSON.</summary>
internal sealed record ImportSummary
{
    /// <summary>World imported into; null for the cluster's own.</summary>
    public string? WorldId { get; init; }

    /// <summary>Rows of the source files.</summary>
    public IReadOnlyList<FileReport> Files { get; init; } = [];

    /// <summary>What the service said.</summary>
    public required IReadOnlyList<UploadReport> Uploads { get; init; }

    /// <summary>Delta added to every time.</summary>
    public TimeSpan? TimeShift { get; init; }

    /// <summary>Newest time after the shift.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>Time taken.</summary>
    public required TimeSpan Took { get; init; }

    /// <summary>What a reader should know about the mapping.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Commands to go on with.</summary>
    public IReadOnlyList<string> Next { get; init; } = [];

    /// <summary>What stopped the import before its end; null when nothing did.</summary>
    public string? Failure { get; init; }

    /// <summary>Documents that the service refused.</summary>
    public long RejectedByService => Uploads.Sum(u => u.Rejected.Count);

    /// <summary>One line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(new
    {
        worldId = WorldId,
        files = Files.Select(
            f => new { name = f.Name, read = f.Read, accepted = f.Accepted, heldOut = f.HeldOut, rejected = f.Rejected.Count, reasons = Reasons(f.Rejected) }),
        uploads = Uploads.Select(u => new
        {
            name = u.Name,
            sent = u.Sent,
            accepted = u.Accepted,
            duplicates = u.Duplicates,
            rejected = u.Rejected.Count,
            reasons = Reasons(u.Rejected),
        }),
        timeShiftSeconds = TimeShift?.TotalSeconds,
        newest = Newest,
        tookSeconds = Math.Round(Took.TotalSeconds, 3),
        notes = Notes,
        next = Next,
        failure = Failure,
    }, KgJson.Options);

    /// <summary>Tables and lines.</summary>
    public void Write(IAnsiConsole console)
    {
        if (Files.Count > 0)
        {
            var files = Numbers(new Table().Title("Read"), "file", "read", "accepted", "held out", "rejected");
            foreach (var f in Files)
                files.AddRow(f.Name.EscapeMarkup(), Count(f.Read), Count(f.Accepted), Count(f.HeldOut), Count(f.Rejected.Count));
            console.Write(files);
            WriteReasons(console, Files.Select(f => (f.Name, f.Rejected)));
        }
        if (Uploads.Count > 0)
        {
            var sent = Numbers(new Table().Title(WorldId is null ? "Sent" : $"Sent, world {WorldId}"), "to", "sent", "accepted", "known before", "rejected");
            foreach (var u in Uploads)
                sent.AddRow(u.Name, Count(u.Sent), Count(u.Accepted), Count(u.Duplicates), Count(u.Rejected.Count));
            console.Write(sent);
            WriteReasons(console, Uploads.Select(u => (u.Name, u.Rejected)));
        }
        if (TimeShift is { } shift && Newest is not null)
        {
            console.WriteLine(shift == TimeSpan.Zero
                ? string.Create(CultureInfo.InvariantCulture, $"times: kept, newest {Newest:yyyy-MM-dd HH:mm:ss}Z")
                : string.Create(
                    CultureInfo.InvariantCulture, $"times: moved by {shift.TotalDays:N2} days ({shift}), newest now {Newest:yyyy-MM-dd HH:mm:ss}Z"));
        }
        foreach (var note in Notes)
            console.WriteLine("note: " + note);
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"took {Took.TotalSeconds:N1} s"));
        if (Failure is not null)
            console.WriteLine("not complete: " + Failure);
        foreach (var next in Next)
            console.WriteLine("next: " + next);
    }

    private static object Reasons(RejectionTally tally) =>
        tally.Reasons.Select(r => new { reason = r.Text, count = r.Count, examples = r.Examples });

    private static string Count(long n) => n.ToString("N0", CultureInfo.InvariantCulture);

    private static Table Numbers(Table table, string first, params ReadOnlySpan<string> columns)
    {
        table.Border(TableBorder.Rounded).AddColumn(first);
        foreach (var column in columns)
            table.AddColumn(new TableColumn(column).RightAligned());
        return table;
    }

    private static void WriteReasons(IAnsiConsole console, IEnumerable<(string Name, RejectionTally Tally)> tallies)
    {
        foreach (var (name, tally) in tallies)
        {
            foreach (var reason in tally.Reasons)
            {
                console.MarkupLine($"[yellow]rejected[/] {name.EscapeMarkup()}: {Count(reason.Count)} x {reason.Text.EscapeMarkup()}");
                foreach (var example in reason.Examples)
                    console.WriteLine("    " + example);
            }
        }
    }
}
