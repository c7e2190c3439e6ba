using System.Runtime.CompilerServices;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Storage;
using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Objects;

namespace KgOrleans.Grains.Snapshots;

/// <summary>
/// A base snapshot of a shard that was read once and found whole. It holds the items of one moment in the order of the partition's rows, and behind them the
/// lists of neighbours. It can be read by any number of callers at a time.
/// </summary>
internal sealed class ShardSnapshot : IAsyncDisposable
{
    private readonly RecordFileReader _file;
    private readonly ulong[] _keys;
    private readonly long[] _offsets;
    private readonly long _itemsAt;
    private readonly long _neighboursAt;

    private ShardSnapshot(
        string name, RecordFileReader file, SnapshotHeader header, ulong[] keys, long[] offsets, long itemsAt, long neighboursAt)
    {
        Name = name;
        Header = header;
        _file = file;
        _itemsAt = itemsAt;
        _neighboursAt = neighboursAt;
        _keys = keys;
        _offsets = offsets;
        Array.Sort(_keys, _offsets);
    }

    /// <summary>Name of the object.</summary>
    public string Name { get; }

    /// <summary>What it holds.</summary>
    public SnapshotHeader Header { get; }

    /// <summary>Size in bytes.</summary>
    public long Length => _file.Length;

    /// <summary>Opens a snapshot and reads all of it, so that it is known to be whole; null when there is none of that name.</summary>
    /// <exception cref="LogCorruptException">It is damaged.</exception>
    /// <exception cref="StorageException">The store cannot be read, or the snapshot is of a newer format.</exception>
    public static async Task<ShardSnapshot?> OpenAsync(IObjectStore store, string name, CancellationToken cancellationToken)
    {
        if (await RecordFileReader.OpenAsync(store, name, cancellationToken) is not { } file)
            return null;
        try
        {
            var index = new Index(file);
            await file.VerifyAsync(index.Add, cancellationToken);
            return index.End(name);
        }
        catch (FormatException e)
        {
            await file.DisposeAsync();
            throw new LogCorruptException(file.Description, 0, e.Message + ".");
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    /// <summary>The items in order: <see cref="ItemSnapshotRecord"/>s, each valid until the next.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ItemsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var left = Header.Items;
        if (left == 0)
            yield break;
        await foreach (var (_, payload) in _file.ReadAsync(_itemsAt, cancellationToken))
        {
            yield return payload;
            if (--left == 0)
                yield break;
        }
    }

    /// <summary>The blocks of the table of neighbours.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> NeighboursAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var (_, payload) in _file.ReadAsync(_neighboursAt, cancellationToken))
            yield return payload;
    }

    /// <summary>The record of the log of an item; null when the snapshot does not have it.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> FindAsync(ulong key, CancellationToken cancellationToken)
    {
        var place = Array.BinarySearch(_keys, key);
        return place < 0 ? null : (ReadOnlyMemory<byte>?)ItemSnapshotRecord.RecordOf(await _file.ReadAtAsync(_offsets[place], cancellationToken));
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _file.DisposeAsync();

    /// <summary>What is noted of the records while the file is verified.</summary>
    private sealed class Index(RecordFileReader file)
    {
        private ulong[] _keys = [];
        private long[] _offsets = [];
        private SnapshotHeader? _header;
        private int _items;
        private long _itemsAt = file.EndOffset;
        private long _neighboursAt = file.EndOffset;

        public void Add(long offset, ReadOnlyMemory<byte> payload)
        {
            if (_header is null)
            {
                Start(SnapshotHeader.Parse(payload.Span));
                return;
            }
            if (_items < _header.Items)
            {
                _itemsAt = Math.Min(_itemsAt, offset);
                (_keys[_items], _offsets[_items]) = (ItemSnapshotRecord.KeyOf(payload.Span), offset);
                _items++;
                return;
            }
            _neighboursAt = Math.Min(_neighboursAt, offset);
        }

        public ShardSnapshot End(string name) =>
            _header is { } header && _items == header.Items
                ? new ShardSnapshot(name, file, header, _keys, _offsets, _itemsAt, _neighboursAt)
                : throw new FormatException("the snapshot lacks items");

        private void Start(SnapshotHeader header)
        {
            if (header.Format > SnapshotHeader.CurrentFormat)
            {
                throw new StorageException(
                    $"{file.Description} has format {header.Format}; this build reads up to {SnapshotHeader.CurrentFormat}. Use the newer build that wrote it.",
                    isTransient: false);
            }
            _header = header;
            (_keys, _offsets) = (new ulong[header.Items], new long[header.Items]);
        }
    }
}
