using System.Text;
using System.Text.Json;
using KgOrleans.Grains.Models;
using KgOrleans.Grains.Shards;
using KgOrleans.Grains.Snapshots;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Objects;
using Microsoft.Extensions.Logging.Abstractions;

namespace KgOrleans.Grains.Tests.Shards;

/// <summary>What a shard makes of its log: vectors and versions that stand in it are taken, the others are made.</summary>
[Trait("Suite", "Cluster")]
public sealed class ShardLoaderTests
{
    [Fact]
    public async Task Vectors_of_the_served_space_come_from_the_log_and_others_from_the_model()
    {
        await using var node = await TestNode.StartAsync(settings: TestNode.WithModel());
        var (models, world) = (node.Service<ModelHost>(), node.Service<CatalogueWorld>());
        var (tower, recall) = (Filled(models.EmbeddingDimension, 0.25f), Filled(models.RecallDimension, 0.5f));
        var folder = Directory.CreateTempSubdirectory("kg-loader-").FullName;
        try
        {
            await using var log = await new LocalLogStore(folder, NullLogger<LocalLogStore>.Instance).OpenAsync("shard-000");
            var earlier = (await log.AppendAsync([(byte[])[1, 0, 0, 0, 0, 0, 0, 0, 0, .. Json("earlier")]])).Positions[0];
            await log.AppendAsync(
            [
                ItemLogRecord.Encode(ItemLogOperation.Put, 1, 1_000_000, Json("deleted"), models.SpaceId!, tower, recall),
                ItemLogRecord.Encode(ItemLogOperation.Put, 1, 7, Json("known"), models.SpaceId!, tower, recall),
                ItemLogRecord.Encode(ItemLogOperation.Put, 1, 8, Json("foreign"), "another-space", tower, recall),
                ItemLogRecord.Encode(ItemLogOperation.Put, 1, 9, Json("failed"), models.SpaceId!),
                ItemLogRecord.Encode(ItemLogOperation.Delete, 1, 1_000_001, Json("deleted")),
            ]);
            using var partition = NewPartition(world, models);
            var versions = new ItemVersions();
            var neighbours = new ShardNeighbours();
            var loader = new ShardLoader(partition, world, models, versions, new ShardCounters(neighbours), neighbours);
            var loaded = await loader.LoadAsync(log, snapshot: null, default);

            Assert.Equal((6, log.EndPosition), loaded);
            Assert.Equal(1_000_002, versions.Next());
            using var view = partition.Acquire();
            Assert.Equal([earlier, 7, 8, 9], ((string[])["earlier", "known", "foreign", "failed"]).Select(id => view.VersionOf(Row(id))));
            var made = Vector("failed");
            Assert.All(Vector("known"), v => Assert.Equal(0.25f, v, 0.01f));
            Assert.Equal(made, Vector("foreign"));
            Assert.Equal(made, Vector("earlier"));
            Assert.NotEqual(made, Vector("known"));

            int Row(string id) => view.Find(Key64.Of(id));

            float[] Vector(string id) => VectorOf(partition, id, models);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_snapshot_gives_vectors_of_the_served_space_and_the_model_makes_those_of_another()
    {
        await using var node = await TestNode.StartAsync(settings: TestNode.WithModel());
        var (models, world) = (node.Service<ModelHost>(), node.Service<CatalogueWorld>());
        var (tower, recall) = (Filled(models.EmbeddingDimension, 0.25f), Filled(models.RecallDimension, 0.5f));
        var folder = Directory.CreateTempSubdirectory("kg-loader-").FullName;
        try
        {
            await using var log = await new LocalLogStore(folder, NullLogger<LocalLogStore>.Instance).OpenAsync("shard-000");
            var store = new LocalObjectStore(Path.Combine(folder, "snapshots"));
            await log.AppendAsync(
            [
                ItemLogRecord.Encode(ItemLogOperation.Put, 1, 7, Json("known"), models.SpaceId!, tower, recall),
                ItemLogRecord.Encode(ItemLogOperation.Put, 1, 8, Json("foreign"), "another-space", tower, recall),
            ]);
            using var first = NewPartition(world, models);
            await Loader(first).LoadAsync(log, snapshot: null, default);
            using (var source = new SnapshotSource(first.Acquire(), log.EndPosition, 8, [], []))
                await new SnapshotWriter(world, models).WriteAsync(store, "written", source, log, before: null, DateTimeOffset.UnixEpoch, default);
            await using var written = (await ShardSnapshot.OpenAsync(store, "written", default))!;
            using var restored = NewPartition(world, models);
            Assert.Equal((0, log.EndPosition), await Loader(restored).LoadAsync(log, written, default));
            Assert.Equal(VectorOf(first, "known", models), VectorOf(restored, "known", models));
            Assert.Equal(VectorOf(first, "foreign", models), VectorOf(restored, "foreign", models));
            // The model ran once: what it made stands in the snapshot.
            var record = (await written.FindAsync(Key64.Of("foreign"), default))!.Value;
            Assert.Equal(models.SpaceId, Encoding.ASCII.GetString(ItemLogRecord.VectorsOf(record.Span).SpaceId));
            Assert.Null(await written.FindAsync(Key64.Of("nobody"), default));

            await using (var file = await RecordFileWriter.CreateAsync(store, "foreign"))
            {
                var header = written.Header with { Items = 1 };
                await file.AddAsync(header.ToBytes());
                var item = new DocumentDecoder(world.ContentDimension).Decode(
                    JsonSerializer.Deserialize<ItemDocument>(Json("foreign"), KgJson.Options)!);
                await file.AddAsync(ItemSnapshotRecord.Encode(
                    item, default, ItemLogRecord.Encode(ItemLogOperation.Put, 1, 8, Json("foreign"), "another-space", tower, recall)));
                await file.CompleteAsync();
            }
            await using var foreign = (await ShardSnapshot.OpenAsync(store, "foreign", default))!;
            using var made = NewPartition(world, models);
            await Loader(made).LoadAsync(log, foreign, default);
            Assert.Equal(VectorOf(first, "foreign", models), VectorOf(made, "foreign", models));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        ShardLoader Loader(Partition partition)
        {
            var neighbours = new ShardNeighbours();
            return new ShardLoader(partition, world, models, new ItemVersions(), new ShardCounters(neighbours), neighbours);
        }
    }

    [Fact]
    public async Task A_write_puts_its_vectors_into_the_log()
    {
        var data = TestNode.NewData();
        try
        {
            string space;
            await using (var node = await TestNode.StartAsync(data, shards: 1, settings: TestNode.WithModel()))
            {
                await node.PutAsync(new ItemDocument { ItemId = "w1", CreatorId = "c1", Kind = ItemKind.Audio, Tags = ["a"] });
                space = node.Service<ModelHost>().SpaceId!;
            }
            await using var log = await new LocalLogStore(Path.Combine(data, "logs"), NullLogger<LocalLogStore>.Instance).OpenAsync("shard-000");
            var records = new List<ItemLogRecord>();
            await foreach (var record in log.ReadAsync())
                records.Add(ItemLogRecord.Decode(record.Payload.Span));
            var written = Assert.Single(records);
            Assert.Equal((1, space), (written.Version, written.SpaceId));
            Assert.Contains(written.Vector, v => v != 0);
            Assert.All(written.Vector, v => Assert.True(float.IsFinite(v)));
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    // Equal in all but the id, which the demo model does not see.
    private static byte[] Json(string id) =>
        JsonSerializer.SerializeToUtf8Bytes(new ItemDocument { ItemId = id, CreatorId = "c1", Kind = ItemKind.Audio, Tags = ["ballad"] }, KgJson.Options);

    private static Partition NewPartition(CatalogueWorld world, ModelHost models) =>
        new(new PartitionSettings(world.ContentDimension, models.EmbeddingDimension, models.SpaceId) { RecallDimension = models.RecallDimension });

    private static float[] VectorOf(Partition partition, string id, ModelHost models)
    {
        using var view = partition.Acquire();
        var block = new ItemBlock(1, view.ContentDimension, models.EmbeddingDimension);
        view.CopyTo(block, [view.Find(Key64.Of(id))], now: 0);
        return block.EmbeddingOf(0).ToArray();
    }

    private static float[] Filled(int count, float value) => [.. Enumerable.Repeat(value, count)];
}
