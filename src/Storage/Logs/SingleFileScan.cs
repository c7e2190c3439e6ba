using Microsoft.Win32.SafeHandles;

namespace KgOrleans.Storage.Logs;

/// <summary>What a walk over a log file found.</summary>
/// <param name="Format">The format, keyed to this file.</param>
/// <param name="End">Where the valid records end.</param>
/// <param name="TornBytes">Bytes behind that end: an append that a crash cut short.</param>
internal readonly record struct SingleFileScan(SingleFileFormat Format, long End, long TornBytes)
{
    private const int WindowBytes = 4 << 20;

    /// <summary>
    /// Verifies every record. A tail behind all acknowledged records is torn. Anything else is damage and refused, for acknowledged records would be lost.
    /// </summary>
    /// <exception cref="LogCorruptException">The header or an acknowledged record is damaged, or the file is shorter than what was acknowledged.</exception>
    public static SingleFileScan Run(string file, SafeFileHandle handle, CancellationToken cancellationToken)
    {
        long length = RandomAccess.GetLength(handle);
        var window = new LogWindow(handle, WindowBytes);
        int headerBytes = (int)Math.Min(length, SingleFileFormat.MaxHeaderBytes);
        window.Move(0, headerBytes, length);
        var format = SingleFileFormat.ReadHeader(file, window.Span(0, headerBytes));
        long acknowledged = format.Acknowledged;

        long position = format.FirstPosition;
        while (position < length && TryRecord(window, format, position, length, out int size))
        {
            cancellationToken.ThrowIfCancellationRequested();
            position += size;
        }
        for (long next = position + 1; next < length; next++)
        {
            if (TryRecord(window, format, next, length, out _))
                throw new LogCorruptException(file, position, $"the record there is damaged, and a valid record follows at {next}. The file was not changed.");
        }
        if (position < acknowledged)
        {
            throw new LogCorruptException(
                file, position, $"the record there is damaged or missing, and records up to {acknowledged} were acknowledged. The file was not changed.");
        }
        return new SingleFileScan(format, position, length - position);
    }

    private static bool TryRecord(LogWindow window, SingleFileFormat format, long position, long length, out int size)
    {
        size = 0;
        if (length - position < SegmentFormat.RecordHeaderBytes)
            return false;
        if (!window.Contains(position, SegmentFormat.RecordHeaderBytes))
            window.Move(position, SegmentFormat.RecordHeaderBytes, length);
        uint payload = SegmentFormat.ReadLength(window.Span(position, SegmentFormat.RecordHeaderBytes));
        if (payload > LogLimits.MaxRecordBytes || length - position < SegmentFormat.RecordHeaderBytes + payload)
            return false;
        size = SegmentFormat.RecordHeaderBytes + (int)payload;
        if (!window.Contains(position, size))
            window.Move(position, size, length);
        return format.Records.IsValid(position, window.Span(position, size));
    }
}
