namespace KgOrleans.Storage.Logs;

/// <summary>Verifies a segment that nobody appends to any more.</summary>
internal static class SegmentScan
{
    /// <summary>Finds where the valid records of a closed segment end.</summary>
    /// <param name="file">The segment as an operator finds it.</param>
    /// <param name="format">Format of its log.</param>
    /// <param name="first">Position that it starts at.</param>
    /// <param name="bytes">The whole segment.</param>
    /// <param name="acknowledged">How many of its bytes were acknowledged for certain.</param>
    /// <returns>Position behind the last valid record: what follows is an append that nobody was told of.</returns>
    /// <exception cref="LogCorruptException">
    /// The header or an acknowledged record is damaged, a valid record stands behind a damaged one, or the segment is shorter than what was acknowledged.
    /// </exception>
    public static long Run(string file, SegmentFormat format, long first, ReadOnlySpan<byte> bytes, long acknowledged)
    {
        format.CheckHeader(file, bytes, first);
        int offset = SegmentFormat.HeaderBytes;
        while (TryRecord(format, first, bytes, offset, out int size))
            offset += size;
        long end = PositionAt(first, offset);
        for (int next = offset + 1; next < bytes.Length; next++)
        {
            if (TryRecord(format, first, bytes, next, out _))
            {
                throw new LogCorruptException(
                    file, end, $"the record there is damaged, and a valid record follows at {PositionAt(first, next)}. The file was not changed.");
            }
        }
        return offset >= acknowledged
            ? end
            : throw new LogCorruptException(
                file, end,
                $"the record there is damaged or missing, and records up to {PositionAt(first, acknowledged)} were acknowledged. The file was not changed.");
    }

    /// <summary>The position of an offset in a segment.</summary>
    public static long PositionAt(long first, long offset) => first + offset - SegmentFormat.HeaderBytes;

    private static bool TryRecord(SegmentFormat format, long first, ReadOnlySpan<byte> bytes, int offset, out int size)
    {
        size = 0;
        if (bytes.Length - offset < SegmentFormat.RecordHeaderBytes)
            return false;
        uint payload = SegmentFormat.ReadLength(bytes[offset..]);
        if (payload > LogLimits.MaxRecordBytes || bytes.Length - offset - SegmentFormat.RecordHeaderBytes < payload)
            return false;
        size = SegmentFormat.RecordHeaderBytes + (int)payload;
        return format.IsValid(PositionAt(first, offset), bytes.Slice(offset, size));
    }
}
