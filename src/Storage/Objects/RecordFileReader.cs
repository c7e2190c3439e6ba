using System.Runtime.CompilerServices;
using KgOrleans.Storage.Logs;

namespace KgOrleans.Storage.Objects;

/// <summary>Reads a file of records, by any number of callers at a time.</summary>
public sealed class RecordFileReader : IAsyncDisposable
{
    /// <summary>Largest payload of a record, in bytes.</summary>
    public const int MaxRecordBytes = 32 << 20;

    // On a disk a window costs a system call, on a blob a request of some milliseconds.
    private const int WindowBytes = 4 << 20;

    // Most records are some kilobytes: one read gives header and payload.
    private const int FirstReadBytes = 4 << 10;

    private readonly IObjectReader _source;
    private readonly ulong _id;
    private readonly (long Records, uint Checksum) _footer;

    private RecordFileReader(IObjectReader source, ulong id, (long Records, uint Checksum) footer)
    {
        _source = source;
        _id = id;
        _footer = footer;
    }

    /// <summary>The file as an operator finds it.</summary>
    public string Description => _source.Description;

    /// <summary>Length of the file in bytes.</summary>
    public long Length => _source.Length;

    /// <summary>Offset of the first record.</summary>
    public static long Start => RecordFileFormat.HeaderBytes;

    /// <summary>Offset behind the last record.</summary>
    public long EndOffset => Length - RecordFileFormat.FooterBytes;

    /// <summary>Opens a file; null when there is none. Only header and footer are verified.</summary>
    /// <exception cref="LogCorruptException">The header or the footer is damaged.</exception>
    /// <exception cref="StorageException">The store cannot be read, or the file is of a newer format.</exception>
    public static async ValueTask<RecordFileReader?> OpenAsync(IObjectStore store, string name, CancellationToken cancellationToken = default)
    {
        var source = await store.OpenAsync(name, cancellationToken);
        if (source is null)
            return null;
        try
        {
            if (source.Length < RecordFileFormat.HeaderBytes + RecordFileFormat.FooterBytes)
                throw new LogCorruptException(source.Description, 0, "the file is too short.");
            byte[] bytes = new byte[Math.Max(RecordFileFormat.HeaderBytes, RecordFileFormat.FooterBytes)];
            await source.ReadAsync(0, bytes.AsMemory(0, RecordFileFormat.HeaderBytes), cancellationToken);
            ulong id = RecordFileFormat.ReadHeader(source.Description, bytes);
            long end = source.Length - RecordFileFormat.FooterBytes;
            await source.ReadAsync(end, bytes.AsMemory(0, RecordFileFormat.FooterBytes), cancellationToken);
            return new RecordFileReader(source, id, RecordFileFormat.ReadFooter(source.Description, bytes, id, end));
        }
        catch
        {
            await source.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the whole file and finds out whether it is as it was written.</summary>
    /// <param name="visit">Is shown the offset and payload of each record, in order; the payload is valid during the call.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="LogCorruptException">It is damaged.</exception>
    public async Task VerifyAsync(Action<long, ReadOnlyMemory<byte>>? visit = null, CancellationToken cancellationToken = default)
    {
        long records = 0;
        var checksums = Crc32C.Initial;
        await foreach (var (offset, payload, checksum) in WalkAsync(Start, cancellationToken))
        {
            visit?.Invoke(offset, payload);
            records++;
            checksums = RecordFileFormat.Fold(checksums, checksum);
        }
        if (records != _footer.Records || Crc32C.Finish(checksums) != _footer.Checksum)
            throw new LogCorruptException(Description, EndOffset, $"the file has {records} records, and not those {_footer.Records} that were written.");
    }

    /// <summary>Reads records in order from an offset. Neighbouring payloads share one array, which is used again: copy what is kept.</summary>
    /// <param name="from"><see cref="Start"/>, or the offset of a record.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="LogCorruptException">A record is damaged.</exception>
    public async IAsyncEnumerable<(long Offset, ReadOnlyMemory<byte> Payload)> ReadAsync(
        long from, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await foreach (var (offset, payload, _) in WalkAsync(from, cancellationToken))
            yield return (offset, payload);
    }

    /// <summary>Reads one record.</summary>
    /// <exception cref="LogCorruptException">No valid record starts there.</exception>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAtAsync(long offset, CancellationToken cancellationToken = default)
    {
        if (offset < Start || offset > EndOffset - RecordFileFormat.RecordHeaderBytes)
            throw Damaged(offset);
        var bytes = new byte[Math.Min(FirstReadBytes, EndOffset - offset)];
        await _source.ReadAsync(offset, bytes, cancellationToken);
        var size = SizeAt(bytes, offset);
        if (size > bytes.Length)
        {
            var before = bytes.Length;
            Array.Resize(ref bytes, size);
            await _source.ReadAsync(offset + before, bytes.AsMemory(before), cancellationToken);
        }
        Verify(bytes.AsSpan(0, size), offset);
        return bytes.AsMemory(RecordFileFormat.RecordHeaderBytes..size);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async IAsyncEnumerable<(long Offset, ReadOnlyMemory<byte> Payload, uint Checksum)> WalkAsync(
        long from, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var window = new byte[(int)Math.Min(WindowBytes, Math.Max(0, EndOffset - from))];
        var (start, held) = (from, 0);
        var offset = from;
        while (offset < EndOffset)
        {
            if (offset + RecordFileFormat.RecordHeaderBytes > start + held)
                await MoveAsync(RecordFileFormat.RecordHeaderBytes);
            var size = SizeAt(window.AsSpan((int)(offset - start)), offset);
            if (offset + size > start + held)
                await MoveAsync(size);
            var record = window.AsMemory((int)(offset - start), size);
            var checksum = Verify(record.Span, offset);
            yield return (offset, record[RecordFileFormat.RecordHeaderBytes..], checksum);
            offset += size;
        }

        // Makes the window start at the offset and hold at least some bytes.
        async ValueTask MoveAsync(int least)
        {
            if (least > EndOffset - offset)
                throw Damaged(offset);
            if (window.Length < least)
                window = new byte[least];
            (start, held) = (offset, (int)Math.Min(window.Length, EndOffset - offset));
            await _source.ReadAsync(start, window.AsMemory(0, held), cancellationToken);
        }
    }

    private int SizeAt(ReadOnlySpan<byte> bytes, long offset)
    {
        var length = RecordFileFormat.ReadLength(bytes);
        return length <= MaxRecordBytes && length <= EndOffset - offset - RecordFileFormat.RecordHeaderBytes
            ? RecordFileFormat.RecordHeaderBytes + length
            : throw Damaged(offset);
    }

    private uint Verify(ReadOnlySpan<byte> record, long offset)
    {
        var checksum = RecordFileFormat.ReadChecksum(record);
        return checksum == RecordFileFormat.Checksum(_id, offset, record[RecordFileFormat.RecordHeaderBytes..]) ? checksum : throw Damaged(offset);
    }

    private LogCorruptException Damaged(long offset) => new(Description, offset, "no record starts at this offset, or the record there is damaged.");
}
