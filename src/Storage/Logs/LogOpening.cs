using System.Globalization;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Storage.Logs;

/// <summary>
/// Takes a log over: counts the epoch up, which fences the writer before, then finds where its records end, then starts a segment of its own. No writer ever
/// appends to a segment of another, so that whatever a fenced one still does hits nothing.
/// </summary>
/// <param name="medium">Where it is.</param>
/// <param name="logger">Takes the warning about a torn tail.</param>
internal sealed partial class LogOpening(ILogMedium medium, ILogger logger)
{
    // Writers that start at one moment: each of them sees at most the others' claims.
    private const int Tries = 8;

    /// <summary>Opens the log, creating it when absent.</summary>
    /// <exception cref="LogCorruptException">The log is damaged before its end; no segment was changed.</exception>
    /// <exception cref="LogFencedException">Another writer took the log at the same time.</exception>
    public async Task<OpenedLog> RunAsync(CancellationToken cancellationToken)
    {
        var (manifest, tag) = await ClaimAsync(cancellationToken);
        var segments = await VerifyAsync(manifest, cancellationToken);
        return await StartAsync(manifest, tag, segments, segments.Count > 0 ? segments[^1].End!.Value : manifest.FirstPosition, cancellationToken);
    }

    /// <summary>
    /// Opens the log again that this writer has: an append or a manifest failed, and nobody knows whether it is there. Nothing behind the end was acknowledged,
    /// and only this writer can know that, so that it is left out.
    /// </summary>
    /// <param name="known">The manifest as this writer wrote it last for certain.</param>
    /// <param name="end">Where the acknowledged records end.</param>
    /// <param name="cancellationToken">Stops the opening.</param>
    /// <exception cref="LogFencedException">Another writer has the log.</exception>
    public async Task<OpenedLog> ResumeAsync(LogManifest known, long end, CancellationToken cancellationToken)
    {
        var found = await medium.ReadManifestAsync(cancellationToken)
            ?? throw new StorageException($"Log manifest {medium.Describe(null)} is missing. Restore it from a backup.", isTransient: false);
        var before = LogManifest.Parse(medium.Describe(null), found.Content);
        if (before.Writer != known.Writer)
            throw new LogFencedException(medium.Describe(null), $"it is at epoch {before.Epoch}");
        // The writer stays the same, so that a try that got this far and failed does not fence the next one.
        var claim = before with { Epoch = before.Epoch + 1 };
        string tag = await medium.WriteManifestAsync(claim.ToBytes(), found.Tag, cancellationToken);
        // A segment that starts at the end is the one that was about to be made.
        var segments = before.Segments.Where(s => s.First < end).ToList();
        if (segments.Count > 0 && segments[^1] is var last && last.End != end)
        {
            if (last.End is null)
                await medium.CloseAsync(last.Name, cancellationToken);
            long bytes = SegmentFormat.HeaderBytes + end - last.First;
            await ScanAsync(last, new SegmentFormat(known.Id), new SegmentLength(bytes, bytes), cancellationToken);
            segments[^1] = last with { End = end };
        }
        return await StartAsync(claim, tag, segments, end, cancellationToken);
    }

    /// <summary>Name of a segment: where it starts, and the epoch of its maker.</summary>
    public static string NameOf(long first, long epoch) => string.Create(CultureInfo.InvariantCulture, $"{first:D20}-{epoch:D10}");

    /// <summary>Starts the segment of this writer behind those that are closed.</summary>
    private async Task<OpenedLog> StartAsync(
        LogManifest manifest, string tag, List<LogManifest.Segment> segments, long end, CancellationToken cancellationToken)
    {
        var format = new SegmentFormat(manifest.Id);
        // A short tail is taken along, so that a log that is opened often does not fall into crumbs.
        var tail = segments.Count > 0 ? segments[^1] : null;
        var isTaken = tail is not null && tail.End - tail.First < medium.SegmentBytes / 2;
        long first = isTaken ? tail!.First : end;
        byte[] content = new byte[SegmentFormat.HeaderBytes + (end - first)];
        if (isTaken)
            await medium.ReadAsync(tail!.Name, SegmentFormat.HeaderBytes, content.AsMemory(SegmentFormat.HeaderBytes), cancellationToken);
        format.CreateHeader(first).CopyTo(content, 0);
        for (int place = 0; place < 2; place++)
            format.WriteMark(content.AsSpan(SegmentFormat.OffsetOfMark(place)), content.Length);
        string own = NameOf(first, manifest.Epoch);
        var active = await medium.CreateAsync(own, content, cancellationToken);
        try
        {
            if (isTaken)
                segments.RemoveAt(segments.Count - 1);
            segments.Add(new LogManifest.Segment(own, first, null));
            manifest = manifest with { Segments = segments };
            tag = await medium.WriteManifestAsync(manifest.ToBytes(), tag, cancellationToken);
        }
        catch
        {
            await active.DisposeAsync();
            throw;
        }
        return new OpenedLog(format, manifest, tag, active, end);
    }

    private async Task<(LogManifest Manifest, string Tag)> ClaimAsync(CancellationToken cancellationToken)
    {
        for (int tried = 1; ; tried++)
        {
            var found = await medium.ReadManifestAsync(cancellationToken);
            var before = found is { } there ? LogManifest.Parse(medium.Describe(null), there.Content) : null;
            var claim = before is null
                ? new LogManifest(LogManifest.CurrentFormat, Guid.NewGuid(), 1, Guid.NewGuid(), [])
                : before with { Format = LogManifest.CurrentFormat, Epoch = before.Epoch + 1, Writer = Guid.NewGuid() };
            try
            {
                return (claim, await medium.WriteManifestAsync(claim.ToBytes(), found?.Tag, cancellationToken));
            }
            catch (LogFencedException) when (tried < Tries)
            {
                // Whoever was faster is fenced by the next try.
            }
        }
    }

    private async Task<List<LogManifest.Segment>> VerifyAsync(LogManifest manifest, CancellationToken cancellationToken)
    {
        var format = new SegmentFormat(manifest.Id);
        var segments = new List<LogManifest.Segment>();
        var there = (await medium.ListAsync(cancellationToken)).ToHashSet();
        long expected = manifest.FirstPosition;
        foreach (var segment in manifest.Segments)
        {
            if (segment.First != expected)
                throw new LogCorruptException(medium.Describe(null), expected, $"the manifest has no segment there; the next one starts at {segment.First}.");
            if (!there.Contains(segment.Name))
            {
                throw new StorageException(
                    $"Log segment {medium.Describe(segment.Name)} is missing, and the log's manifest names it. Restore it from a backup.", isTransient: false);
            }
            // A start costs what its last segment costs. In those before, every record was acknowledged, and is verified when it is read.
            if (segment.End is { } sealedEnd && segment != manifest.Segments[^1])
            {
                expected = sealedEnd;
                segments.Add(segment);
                continue;
            }
            var length = segment.End is { } end
                ? new SegmentLength(SegmentFormat.HeaderBytes + end - segment.First, SegmentFormat.HeaderBytes + end - segment.First)
                : await medium.CloseAsync(segment.Name, cancellationToken);
            expected = await ScanAsync(segment, format, length, cancellationToken);
            segments.Add(segment with { End = expected });
        }
        return segments;
    }

    private async Task<long> ScanAsync(LogManifest.Segment segment, SegmentFormat format, SegmentLength length, CancellationToken cancellationToken)
    {
        string file = medium.Describe(segment.Name);
        byte[] bytes = GC.AllocateUninitializedArray<byte>(checked((int)length.Bytes));
        try
        {
            await medium.ReadAsync(segment.Name, 0, bytes, cancellationToken);
        }
        catch (EndOfStreamException)
        {
            throw new LogCorruptException(
                file, segment.First, $"the file is shorter than the {length.Bytes} bytes that the log's manifest states. The file was not changed.");
        }
        long end = SegmentScan.Run(file, format, segment.First, bytes, length.Acknowledged);
        long torn = length.Bytes - SegmentFormat.HeaderBytes - (end - segment.First);
        if (torn > 0)
            LogTornTail(file, torn, end);
        return end;
    }

    /// <summary>
    /// Removes what earlier writers left and the manifest does not name, and tells the medium which segments have ended. Called when readers know the manifest.
    /// </summary>
    public async Task ClearAsync(LogManifest manifest, CancellationToken cancellationToken)
    {
        var named = manifest.Segments.Select(s => s.Name).ToHashSet();
        foreach (string segment in await medium.ListAsync(cancellationToken))
        {
            // A writer that has taken the log over meanwhile may have made its segment, and not named it yet.
            bool isEarlier = segment.LastIndexOf('-') is > 0 and var dash
                && long.TryParse(segment.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out long epoch) && epoch <= manifest.Epoch;
            if (isEarlier && !named.Contains(segment))
                await medium.DeleteAsync(segment, cancellationToken);
        }
        foreach (var segment in manifest.Segments.Where(s => s.End is not null))
            await medium.SealedAsync(segment.Name, SegmentFormat.HeaderBytes + segment.End!.Value - segment.First, cancellationToken);
    }

    [LoggerMessage(1, LogLevel.Warning, "Log {File}: left out {Bytes} bytes of an unfinished append behind position {End}; they were never acknowledged.")]
    private partial void LogTornTail(string file, long bytes, long end);
}

/// <summary>A log that was taken over.</summary>
/// <param name="Format">Format of its segments.</param>
/// <param name="Manifest">Its manifest; the last segment is the writer's own.</param>
/// <param name="Tag">Tag of the manifest.</param>
/// <param name="Active">The writer's segment.</param>
/// <param name="End">Where the next record goes.</param>
internal sealed record OpenedLog(SegmentFormat Format, LogManifest Manifest, string Tag, ILogSegment Active, long End);
