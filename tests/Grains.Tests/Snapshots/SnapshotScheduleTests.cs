using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Models;
using KgOrleans.Grains.Shards;
using KgOrleans.Grains.Snapshots;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Objects;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace KgOrleans.Grains.Tests.Snapshots;

[Trait("Suite", "Cluster")]
public sealed class SnapshotScheduleTests
{
    private const long Least = 1_024;
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddYears(50);

    [Theory]
    [InlineData(Least - 1, 0, false)]
    [InlineData(Least - 1, 3_600, false)]
    [InlineData(Least, 0, true)]
    public void The_first_one_is_due_when_the_logs_have_grown_by_the_least_size(long grown, int restedSeconds, bool isDue)
    {
        using var schedule = NewSchedule();
        Assert.Equal(isDue, schedule.IsDue(grown, TimeSpan.FromSeconds(restedSeconds), newest: null, Now));
    }

    [Theory]
    // Twice the size of the one before, however busy.
    [InlineData(19_999, 0, 1, false)]
    [InlineData(20_000, 0, 1, true)]
    // Its size, and then rest.
    [InlineData(9_999, 3_600, 1, false)]
    [InlineData(10_000, 59, 1, false)]
    [InlineData(10_000, 60, 1, true)]
    // Once a day, if anything has changed.
    [InlineData(1, 0, 23, false)]
    [InlineData(1, 0, 24, true)]
    [InlineData(5_000, 0, 24, true)]
    [InlineData(0, 0, 24, false)]
    public void The_next_one_is_due_by_the_size_of_the_one_before_at_rest_and_by_age(long grown, int restedSeconds, int ageHours, bool isDue)
    {
        using var schedule = NewSchedule();
        Assert.Equal(isDue, schedule.IsDue(grown, TimeSpan.FromSeconds(restedSeconds), (10_000, Now.AddHours(-ageHours)), Now));
    }

    [Fact]
    public async Task A_shard_at_rest_writes_one_though_nobody_calls_it()
    {
        var folder = Directory.CreateTempSubdirectory("kg-rest-").FullName;
        var time = new FakeTimeProvider(Now);
        try
        {
            await using var node = await TestNode.StartAsync();
            using var schedule = NewSchedule();
            var store = new LocalLogStore(Path.Combine(folder, "logs"), NullLogger<LocalLogStore>.Instance);
            await using var host = new PartitionHost(
                store, new LocalObjectStore(Path.Combine(folder, "snapshots")), node.Service<CatalogueWorld>(), node.Service<ModelHost>(), schedule, time,
                NullLogger<PartitionHost>.Instance);
            var partition = host.Get(0);
            await WriteAsync(partition, 20);
            await UntilAsync(() => partition.Snapshots.Newest is not null);
            await partition.Snapshots.Written;
            var first = partition.Snapshots.Newest!;
            // As much again: too little while the shard is busy.
            while (partition.LogBytes - first.Header.Position < first.Length)
                await WriteAsync(partition, 1);
            await partition.Snapshots.Written;
            Assert.Same(first, partition.Snapshots.Newest);
            host.Start();
            await UntilAsync(() =>
            {
                time.Advance(TimeSpan.FromSeconds(10));
                return !ReferenceEquals(first, partition.Snapshots.Newest);
            });
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static SnapshotSchedule NewSchedule() => new(Options.Create(new ShardOptions { SnapshotAfterBytes = Least }));

    private static async Task WriteAsync(ShardPartition partition, int items)
    {
        var writes = Enumerable.Range(0, items).Select(i => new ItemDocument { ItemId = $"w{i}", CreatorId = "c1", Kind = ItemKind.Audio })
            .Select(item => new ItemWrite(WriteOperation.Put, item.ItemId, JsonSerializer.SerializeToUtf8Bytes(item, KgJson.Options), null));
        Assert.All(await partition.WriteAsync([.. writes], default), r => Assert.True(r.Succeeded));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!condition())
            await Task.Delay(5, limit.Token);
    }
}
