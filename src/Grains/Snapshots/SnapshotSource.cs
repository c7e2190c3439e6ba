using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Grains.Snapshots;

/// <summary>A shard at one moment between two batches of its writer.</summary>
/// <param name="View">The items, held: disposed with this.</param>
/// <param name="Position">Position in the shard's log that the view contains.</param>
/// <param name="NewestVersion">The newest version that the shard has given to an item.</param>
/// <param name="CountedTo">Position up to which each partition of the event log is counted in the view and the neighbours.</param>
/// <param name="Neighbours">Blocks of the table of neighbours.</param>
internal sealed record SnapshotSource(PartitionView View, long Position, long NewestVersion, long[] CountedTo, List<byte[]> Neighbours) : IDisposable
{
    /// <inheritdoc />
    public void Dispose() => View.Dispose();
}
