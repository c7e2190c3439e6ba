using KgOrleans.Storage.Files;

namespace KgOrleans.Storage.Logs;

/// <summary>Turns a log that earlier versions kept in one file into segments. Positions, id and checksums stay: the records have the same bytes.</summary>
internal static class SingleFileImport
{
    /// <summary>Copies the file into a log's directory and removes it. A crash in between leaves the file, and the next start copies it again.</summary>
    /// <param name="file">The file.</param>
    /// <param name="folder">Directory of the log, without a manifest.</param>
    /// <param name="segmentBytes">Bytes after which a segment is full.</param>
    /// <param name="cancellationToken">Stops the copy.</param>
    /// <returns>Bytes behind the last valid record, which are left out: an append that nobody was told of.</returns>
    /// <exception cref="LogCorruptException">The file is damaged; it was not changed.</exception>
    public static (long End, long TornBytes) Run(string file, string folder, long segmentBytes, CancellationToken cancellationToken)
    {
        using (var handle = File.OpenHandle(file))
        {
            var scan = SingleFileScan.Run(file, handle, cancellationToken);
            var format = scan.Format.Records;
            var segments = new List<LogManifest.Segment>();
            var window = new LogWindow(handle, LogLimits.MaxRecordBytes);
            DirectorySync.Create(folder);
            for (long first = scan.Format.FirstPosition; first < scan.End;)
            {
                long end = EndOf(window, first, Math.Min(scan.End, first + segmentBytes), scan.End);
                string name = LogOpening.NameOf(first, epoch: 0);
                Copy(window, format, Path.Combine(folder, name), first, end, scan.End);
                segments.Add(new LogManifest.Segment(name, first, end));
                first = end;
                cancellationToken.ThrowIfCancellationRequested();
            }
            var manifest = new LogManifest(LogManifest.CurrentFormat, format.Id, 0, Guid.Empty, segments);
            AtomicFile.Replace(Path.Combine(folder, "manifest"), manifest.ToBytes());
            return (scan.End, scan.TornBytes);
        }
    }

    /// <summary>Where the first record ends that reaches a position.</summary>
    private static long EndOf(LogWindow window, long position, long wanted, long end)
    {
        while (position < wanted)
        {
            if (!window.Contains(position, SegmentFormat.RecordHeaderBytes))
                window.Move(position, SegmentFormat.RecordHeaderBytes, end);
            position += SegmentFormat.RecordHeaderBytes + SegmentFormat.ReadLength(window.Span(position, SegmentFormat.RecordHeaderBytes));
        }
        return position;
    }

    private static void Copy(LogWindow window, SegmentFormat format, string path, long first, long end, long fileEnd)
    {
        using var target = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.None);
        RandomAccess.Write(target, format.CreateHeader(first), 0);
        for (long position = first; position < end;)
        {
            int bytes = (int)Math.Min(end - position, LogLimits.MaxRecordBytes);
            window.Move(position, bytes, fileEnd);
            RandomAccess.Write(target, window.Span(position, bytes), SegmentFormat.HeaderBytes + position - first);
            position += bytes;
        }
        RandomAccess.FlushToDisk(target);
    }
}
