using System.Runtime.InteropServices;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Neighbours;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Grains.Shards;

/// <summary>The neighbours of a shard's items: the writer of the shard adds to them, and users read them.</summary>
public sealed class ShardNeighbours
{
    private readonly Lock _gate = new();
    private readonly NeighbourTable _table = new();

    /// <summary>Bytes that the lists take.</summary>
    public long AllocatedBytes
    {
        get
        {
            lock (_gate)
                return _table.AllocatedBytes;
        }
    }

    /// <summary>Adds pairs. Writer only.</summary>
    internal void Add(ReadOnlySpan<PairDelta> deltas)
    {
        // Readers get in between.
        const int Step = 512;
        for (; deltas.Length > 0; deltas = deltas[Math.Min(Step, deltas.Length)..])
        {
            lock (_gate)
            {
                foreach (var delta in deltas[..Math.Min(Step, deltas.Length)])
                    _table.Add(delta.Item, delta.Neighbour, delta.Weight, delta.Salt);
            }
        }
    }

    /// <summary>Adds a block of a base snapshot, while the shard loads.</summary>
    internal void AddBlock(ReadOnlySpan<byte> block)
    {
        lock (_gate)
            _table.AddBlock(block);
    }

    /// <summary>A copy of all of them, for a base snapshot. Writer only: nobody else changes them, so that readers need not wait.</summary>
    internal List<byte[]> ToBlocks() => _table.ToBlocks();

    /// <summary>Neighbours of items: <see cref="SimilarEntry"/> records.</summary>
    /// <param name="items">Partial keys, 8 bytes each.</param>
    /// <param name="view">View that the caller holds.</param>
    internal byte[] Read(ReadOnlySpan<ulong> items, PartitionView view)
    {
        var entries = new List<SimilarEntry>();
        Span<Neighbour> neighbours = stackalloc Neighbour[NeighbourTable.MostNeighbours];
        for (var i = 0; i < items.Length; i++)
        {
            var row = view.FindPartial(items[i]);
            if (row < 0)
                continue;
            entries.Add(new SimilarEntry(items[i], SimilarScore.Share(view.CountersOf(row).Fans), i));
            foreach (var neighbour in neighbours[..Read(items[i], neighbours)])
                entries.Add(new SimilarEntry(neighbour.Key, neighbour.Weight, i));
        }
        return MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(entries)).ToArray();
    }

    /// <summary>Sums neighbours that lie in this shard (<see cref="SimilarItems.Sum"/>): <see cref="SimilarItem"/> records.</summary>
    /// <param name="entries"><see cref="SimilarEntry"/> records.</param>
    /// <param name="sources"><see cref="SimilarSource"/> records.</param>
    internal byte[] Sum(ReadOnlySpan<byte> entries, ReadOnlySpan<byte> sources)
    {
        var sum = SimilarItems.Sum(MemoryMarshal.Cast<byte, SimilarEntry>(entries), MemoryMarshal.Cast<byte, SimilarSource>(sources), Read);
        return MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(sum)).ToArray();
    }

    private int Read(ulong item, Span<Neighbour> neighbours)
    {
        lock (_gate)
            return _table.Read(item, neighbours);
    }
}
