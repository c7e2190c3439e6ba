using System.Runtime.InteropServices;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Scoring;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using Microsoft.Extensions.Options;
using Orleans.Placement;

namespace KgOrleans.Grains.Shards;

/// <summary>A shard as the cluster reaches it: hands every call to the silo's partition and pool, and holds no data itself.</summary>
[KeepAlive]
[Immovable]
public sealed class ItemShardGrain(
    PartitionHost host,
    ScoringPool pool,
    CatalogueWorld world,
    RecallScenes scenes,
    IOptions<ShardOptions> options,
    ILocalSiloDetails silo,
    TimeProvider time) : Grain, IItemShardGrain
{
    private static readonly TimeSpan FactsPatience = TimeSpan.FromSeconds(5);
    private static readonly ReplyHeader Warming = new(true, 0, 0, 0, null);
    private ShardPartition _partition = null!;
    private long _recalls;
    private long _writes;

    private int Shard => (int)this.GetPrimaryKeyLong();

    /// <inheritdoc />
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (Shard < 0 || Shard >= options.Value.Count)
            throw new ArgumentOutOfRangeException(nameof(Shard), Shard, $"there are {options.Value.Count} shards");
        // Loads in the background; until it is done, reads answer "warming" and writes wait.
        _partition = host.Get(Shard);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public async Task<ItemWritesReply> Write(ItemWrites writes, CancellationToken cancellationToken)
    {
        var results = await _partition.WriteAsync(writes.Writes, cancellationToken);
        _writes += results.Count(r => r.Succeeded);
        return new ItemWritesReply(results);
    }

    /// <inheritdoc />
    public Task<ItemReply?> GetItem(string itemId, CancellationToken cancellationToken) => _partition.GetAsync(itemId, cancellationToken);

    /// <inheritdoc />
    public Task<ExportReply> Export(ulong? after, CancellationToken cancellationToken) =>
        _partition.CanRead ? _partition.ExportAsync(after, cancellationToken) : Task.FromResult(new ExportReply([], after, Warming: true));

    /// <inheritdoc />
    public async Task<ItemFactsReply> GetFacts(string[] itemIds, CancellationToken cancellationToken)
    {
        // Unlike a page, an event can wait for a shard that is still loading.
        await _partition.Ready.WaitAsync(FactsPatience, time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        if (!_partition.CanRead)
            return new ItemFactsReply(new WireItemFacts?[itemIds.Length], true);
        using var view = _partition.AcquireOnce();
        var facts = new WireItemFacts?[itemIds.Length];
        for (var i = 0; i < facts.Length; i++)
        {
            var row = view.Find(Key64.Of(itemIds[i]));
            if (row < 0 || view.IdOf(row) != itemIds[i])
                continue;
            var f = view.FactsOf(row);
            facts[i] = new WireItemFacts(f.ItemId, f.CreatorId, f.SongId, (byte)f.Kind, [.. f.Tags], MemoryMarshal.AsBytes(f.Content.AsSpan()).ToArray());
        }
        return new ItemFactsReply(facts, false);
    }

    /// <inheritdoc />
    public async Task<RecallReply> Recall(RecallQuery query, CancellationToken cancellationToken)
    {
        if (!_partition.CanRead)
            return new RecallReply(Warming, [], [], []);
        _recalls++;
        var (view, result) = await pool.Scan(query.SceneKey, _partition, RecallQueries.RequestOf(query, scenes.Of(query.Scene), world), cancellationToken);
        var channels = Array.ConvertAll(result.Channels, ShardRecall.Pack);
        return new RecallReply(HeaderOf(view), ShardRecall.Pack(result.Candidates), channels, ShardRecall.Pack([result.Counts]))
        {
            Keys = ShardRecall.Pack(result.Keys),
            Zones = ShardRecall.Pack(result.Zones),
            Summary = ShardRecall.Pack([result.Summary]),
        };
    }

    /// <inheritdoc />
    public async Task<HydrateReply> Hydrate(HydrateQuery query, CancellationToken cancellationToken)
    {
        if (!_partition.CanRead)
            return new HydrateReply(Warming, 0, 0, [], [], []);
        using var view = _partition.AcquireKept(query.ViewEpoch) ?? _partition.AcquireOnce();
        var block = HydrateQueries.FitsTurn(query)
            ? HydrateQueries.BlockOf(view, query)
            : await pool.Run(query.SceneKey, () => HydrateQueries.BlockOf(view, query), cancellationToken);
        return new HydrateReply(HeaderOf(view), block.Count, block.ContentDimension, block.RowBytes, block.ContentBytes, block.Ids)
        {
            Attributes = block.Attributes is { } attributes ? ItemAttributes.Pack(attributes) : [],
        };
    }

    /// <inheritdoc />
    public Task<byte[]> CountItems(byte[] interests)
    {
        if (!_partition.CanRead)
            return Task.FromResult<byte[]>([]);
        // In the turn: a bitmap or a short list for each interest, some tens of microseconds.
        using var view = _partition.AcquireOnce();
        return Task.FromResult(ShardRecall.Pack(ItemFrequencies.CountIn(view, MemoryMarshal.Cast<byte, RecallInterest>(interests))));
    }

    /// <inheritdoc />
    public Task<ExposureReply> GetExposure(ExposureQuery query)
    {
        if (!_partition.CanRead)
            return Task.FromResult(new ExposureReply(true, false, 0, 0, 0, 0, 0));
        // Outside of the turn, since it looks at every row, and not on the pool, whose queue is for pages.
        return Task.Run(() =>
        {
            using var view = _partition.AcquireOnce();
            return RecallQueries.Answer(view, query, scenes.Of(query.Scene), world);
        });
    }

    /// <inheritdoc />
    public Task<byte[]?> GetNeighbours(byte[] items, CancellationToken cancellationToken)
    {
        if (!_partition.CanRead)
            return Task.FromResult<byte[]?>(null);
        using var view = _partition.AcquireOnce();
        return Task.FromResult<byte[]?>(_partition.Neighbours.Read(Key64.FromBytes(items), view));
    }

    /// <inheritdoc />
    public Task<byte[]?> SumNeighbours(byte[] entries, byte[] sources, CancellationToken cancellationToken) =>
        Task.FromResult(_partition.CanRead ? _partition.Neighbours.Sum(entries, sources) : null);

    /// <inheritdoc />
    public Task<long> CountedTo(int partition, CancellationToken cancellationToken) => _partition.CountedToAsync(partition, cancellationToken);

    /// <inheritdoc />
    public Task<long> ApplyCounters(CounterDeltas deltas, CancellationToken cancellationToken) => _partition.CountAsync(deltas, cancellationToken);

    /// <inheritdoc />
    public Task<ItemShardView> GetState()
    {
        using var view = _partition.AcquireOnce();
        var first = Enumerable.Range(0, Key64.BucketCount).First(b => Key64.Shard((ulong)b, options.Value.Count) == Shard);
        var last = Enumerable.Range(0, Key64.BucketCount).Last(b => Key64.Shard((ulong)b, options.Value.Count) == Shard);
        return Task.FromResult(new ItemShardView
        {
            Shard = Shard,
            Buckets = $"{first}-{last}",
            Ready = _partition.Ready.IsCompletedSuccessfully && _partition.Failure is null,
            Items = view.LiveCount,
            Rows = view.RowCount,
            ViewEpoch = view.Epoch,
            LogPosition = view.LogPosition,
            CounterEpoch = view.CounterEpoch,
            SpaceId = view.SpaceId ?? "",
            Bytes = view.Bytes,
            NeighbourBytes = _partition.Neighbours.AllocatedBytes,
            Recalls = _recalls,
            Writes = _writes,
            Silo = silo.SiloAddress.ToString(),
            Failure = _partition.Failure,
            SnapshotPosition = _partition.Snapshots.Newest?.Header.Position ?? 0,
            SnapshotBytes = _partition.Snapshots.Newest?.Length ?? 0,
            SnapshotFailure = _partition.Snapshots.Failure,
            EventsCountedTo = _partition.Snapshots.EventsCountedTo,
            LogBytes = _partition.LogBytes,
        });
    }

    private static ReplyHeader HeaderOf(PartitionView view) => new(false, view.Epoch, view.LogPosition, view.CounterEpoch, view.SpaceId);
}
