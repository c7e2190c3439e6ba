using KgOrleans.Storage.Logs;

namespace KgOrleans.Storage.Objects;

/// <summary>Writes a file of records into an object. For one caller at a time; disposing of it before it is completed leaves nothing behind.</summary>
public sealed class RecordFileWriter : IAsyncDisposable
{
    private const int BufferBytes = 1 << 20;

    private readonly IObjectWriter _target;
    private readonly ulong _id = (ulong)Random.Shared.NextInt64();
    private byte[] _buffer = new byte[BufferBytes];
    private int _used;
    private long _records;
    private uint _checksums = Crc32C.Initial;

    private RecordFileWriter(IObjectWriter target)
    {
        _target = target;
        RecordFileFormat.WriteHeader(_buffer, _id);
        _used = RecordFileFormat.HeaderBytes;
    }

    /// <summary>Bytes so far: the offset of the next record.</summary>
    public long Length => _target.Length + _used;

    /// <summary>Starts a file in a store.</summary>
    /// <inheritdoc cref="IObjectStore.CreateAsync"/>
    public static async ValueTask<RecordFileWriter> CreateAsync(IObjectStore store, string name, CancellationToken cancellationToken = default) =>
        new(await store.CreateAsync(name, cancellationToken));

    /// <summary>Appends a record and returns its offset.</summary>
    /// <exception cref="ArgumentException">The payload is larger than <see cref="RecordFileReader.MaxRecordBytes"/>.</exception>
    public async ValueTask<long> AddAsync(ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
    {
        if (payload.Length > RecordFileReader.MaxRecordBytes)
            throw new ArgumentException($"a record of {payload.Length} bytes; at most {RecordFileReader.MaxRecordBytes} are allowed", nameof(payload));
        var size = RecordFileFormat.RecordHeaderBytes + payload.Length;
        if (_used + size > BufferBytes)
            await FlushAsync(cancellationToken);
        if (size > _buffer.Length)
            _buffer = new byte[size];
        var offset = Length;
        var target = _buffer.AsSpan(_used);
        var checksum = RecordFileFormat.WriteRecordHeader(target, _id, offset, payload.Span);
        payload.Span.CopyTo(target[RecordFileFormat.RecordHeaderBytes..]);
        _used += size;
        _records++;
        _checksums = RecordFileFormat.Fold(_checksums, checksum);
        return offset;
    }

    /// <summary>Ends the file, makes it durable and then visible.</summary>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        if (_used + RecordFileFormat.FooterBytes > _buffer.Length)
            await FlushAsync(cancellationToken);
        RecordFileFormat.WriteFooter(_buffer.AsSpan(_used), _id, Length, _records, Crc32C.Finish(_checksums));
        _used += RecordFileFormat.FooterBytes;
        await FlushAsync(cancellationToken);
        await _target.CompleteAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _target.DisposeAsync();

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await _target.WriteAsync(_buffer.AsMemory(0, _used), cancellationToken);
        _used = 0;
    }
}
