using System.Text;
using KgOrleans.Grains.Events;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Storage;
using KgOrleans.Storage.Events;
using KgOrleans.Storage.Logs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace KgOrleans.Grains.Tests.Events;

/// <summary>Old events go once nobody needs them, and what was made of them stays, through a real silo.</summary>
[Trait("Suite", "Cluster")]
public sealed class EventRetentionTests
{
    [Fact]
    public async Task Events_go_when_they_are_old_and_in_both_snapshots_of_every_shard_and_counters_stay()
    {
        var data = TestNode.NewData();
        var time = new MovedTime();
        try
        {
            int plays;
            await using (var node = await StartAsync(data, time))
            {
                await node.PutAsync([.. Enumerable.Range(0, 20).Select(Item)]);
                await PlayAsync(node, "old", 60);
                var whole = node.Service<EventLog>().FirstPositions.Sum();
                time.Offset += TimeSpan.FromDays(3);
                await PlayAsync(node, "new", 6);
                for (var i = 0; i < 2; i++)
                {
                    time.Offset += TimeSpan.FromHours(25);
                    await PlayAsync(node, $"newest{i}", 8);
                }
                await SnapshotAsync(node);
                await Retention(node).TrimAsync(default);
                Assert.True(node.Service<EventLog>().FirstPositions.Sum() > whole, "nothing was given up");
                plays = Plays(node);
                // A user's first play of an item counts.
                Assert.Equal(40, plays);
            }
            await using (var node = await StartAsync(data, time))
            {
                await node.CountedAsync();
                Assert.Equal(plays, Plays(node));
                var kept = await Task.WhenAll(Enumerable.Range(0, node.Service<EventLog>().Partitions)
                    .Select(p => node.Grains.GetGrain<IEventPartitionGrain>(p).Export(0, default)));
                var lines = kept.SelectMany(part => Encoding.UTF8.GetString(part.Lines).Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToArray();
                Assert.InRange(lines.Length, 8, 81);
                Assert.Contains(lines, line => line.Contains("newest1-0", StringComparison.Ordinal));
            }
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    private static Task<TestNode> StartAsync(string data, MovedTime time) => TestNode.StartAsync(
        data, shards: 2, new() { ["Kg:Events:RetentionDays"] = "1", ["Kg:Shards:SnapshotAfterBytes"] = "1024" }, services =>
        {
            // Of the event log alone: a silo whose clock jumps takes itself for dead.
            var options = services.Single(service => service.ServiceType == typeof(EventLogOptions)).ImplementationFactory!;
            services.AddSingleton(s =>
            {
                var made = (EventLogOptions)options(s);
                made.Time = time;
                return made;
            });
            services.AddSingleton<ILogStore>(s =>
                new LocalLogStore(s.GetRequiredService<DataDirectory>().LogsPath, NullLogger<LocalLogStore>.Instance) { SegmentBytes = 2_000 });
        });

    private static EventRetention Retention(TestNode node) => node.Service<IEnumerable<IHostedService>>().OfType<EventRetention>().Single();

    private static async Task PlayAsync(TestNode node, string what, int events)
    {
        for (var i = 0; i < events; i++)
        {
            var play = new UserEvent { EventId = $"{what}-{i}", UserId = $"u{i % 8}", ItemId = $"w{i % 20}", Type = EventType.Play };
            Assert.Equal([EventStatus.Accepted], await node.RecordAsync(play));
        }
        await node.CountedAsync();
    }

    /// <summary>Writes items until both snapshots of every shard have counted what is counted now.</summary>
    private static async Task SnapshotAsync(TestNode node)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var ends = node.Service<EventLog>().EndPositions;
        var all = Enumerable.Range(0, node.ShardCount).Select(shard => node.Service<PartitionHost>().Get(shard).Snapshots).ToArray();
        while (!all.All(s => Enumerable.Range(0, ends.Length).All(p => ShardCounters.At(s.EventsCountedTo, p) >= ends[p])))
        {
            limit.Token.ThrowIfCancellationRequested();
            await node.PutAsync([.. Enumerable.Range(0, 20).Select(Item)]);
            await Task.WhenAll(all.Select(s => s.Written));
        }
    }

    private static int Plays(TestNode node)
    {
        var plays = 0;
        for (var shard = 0; shard < node.ShardCount; shard++)
        {
            using var view = node.Service<PartitionHost>().Get(shard).AcquireOnce();
            plays += Enumerable.Range(0, view.RowCount).Where(view.IsLive).Sum(row => view.CountersOf(row).Plays);
        }
        return plays;
    }

    private static ItemDocument Item(int i) => new() { ItemId = $"w{i}", CreatorId = "c1", Kind = ItemKind.Audio, Title = new string('x', 300) };

    /// <summary>The system's clock, moved on.</summary>
    private sealed class MovedTime : TimeProvider
    {
        public TimeSpan Offset { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
    }
}
