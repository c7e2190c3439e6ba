using System.Runtime.CompilerServices;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Objects;

namespace KgOrleans.Grains.Snapshots;

/// <summary>Reads what a shard's log no longer has, for tools that look at the data of a service that is not running.</summary>
public static class SnapshotDocuments
{
    /// <summary>The documents of the newest base snapshot of a log that is whole; none when there is no snapshot.</summary>
    /// <param name="store">Where snapshots are.</param>
    /// <param name="log">Name of the log.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="LogCorruptException">Every snapshot is damaged.</exception>
    public static async IAsyncEnumerable<ItemDocument> ReadAsync(
        IObjectStore store, string log, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using var snapshot = await OpenAsync(store, log, cancellationToken);
        if (snapshot is null)
            yield break;
        await foreach (var item in snapshot.ItemsAsync(cancellationToken))
            yield return ItemLogRecord.Decode(ItemSnapshotRecord.RecordOf(item).Span).Document;
    }

    private static async Task<ShardSnapshot?> OpenAsync(IObjectStore store, string log, CancellationToken cancellationToken)
    {
        LogCorruptException? damage = null;
        foreach (var name in (await store.ListAsync(log + "-", cancellationToken)).Reverse())
        {
            try
            {
                return await ShardSnapshot.OpenAsync(store, name, cancellationToken);
            }
            catch (LogCorruptException e)
            {
                damage = e;
            }
        }
        return damage is null ? null : throw damage;
    }
}
