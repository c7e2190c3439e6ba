using System.Runtime.CompilerServices;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Ranking.Tests.Catalogue;

[Trait("Suite", "Unit")]
public sealed class PartitionMemoryTests
{
    [Fact]
    public void What_only_an_old_view_reads_is_freed_when_it_is_given_back_and_not_before()
    {
        using var partition = Filled();
        var held = partition.Acquire();
        var before = partition.AllocatedBytes;
        Rewrite(partition, times: 8);
        Assert.True(partition.AllocatedBytes > before, "the old rows are gone while a view reads them");
        VersionedItems.AssertRow(held, held.Find(VersionedItems.Key(3)), 3, 1);
        held.Dispose();
        // Compacted: as many rows as in the beginning, in memory of the same size but for the texts of newer versions.
        Assert.InRange(partition.AllocatedBytes, before / 2, before + (before / 2));
        Assert.Throws<ObjectDisposedException>(() => held.Find(VersionedItems.Key(3)));
        Assert.False(held.TryHold());
    }

    [Fact]
    public void Publishing_again_and_again_does_not_grow_the_memory()
    {
        using var partition = Filled();
        partition.Count(VersionedItems.Key(1), EventType.Like, 0, 1);
        partition.Publish(1);
        var (bytes, pieces) = (partition.AllocatedBytes, partition.Memory.Pieces);
        for (var i = 0; i < 1_000; i++)
        {
            partition.Count(VersionedItems.Key(1), EventType.Like, 0, 1);
            partition.Publish(i);
        }
        Assert.Equal((bytes, pieces), (partition.AllocatedBytes, partition.Memory.Pieces));
    }

    [Fact]
    public void A_view_that_nobody_gave_back_is_closed_when_nobody_can_reach_it()
    {
        using var partition = Filled();
        Leak(partition);
        Rewrite(partition, times: 8);
        var leaked = partition.AllocatedBytes;
        for (var i = 0; i < 20 && partition.AllocatedBytes == leaked; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.True(partition.AllocatedBytes < leaked);

        [MethodImpl(MethodImplOptions.NoInlining)]
        static void Leak(Partition partition) => Assert.True(partition.Acquire().LiveCount > 0);
    }

    [Fact]
    public void A_closed_partition_is_freed_with_its_last_view()
    {
        var partition = Filled();
        var view = partition.Acquire();
        partition.Dispose();
        partition.Dispose();
        Assert.True(partition.AllocatedBytes > 0);
        VersionedItems.AssertRow(view, view.Find(VersionedItems.Key(3)), 3, 1);
        view.Dispose();
        Assert.Equal((0L, 0), (partition.AllocatedBytes, partition.Memory.Pieces));
        Assert.Throws<ObjectDisposedException>(partition.Acquire);
    }

    [Fact]
    public void A_view_is_given_back_as_often_as_it_was_held()
    {
        using var partition = Filled();
        var view = partition.Acquire();
        Assert.True(view.TryHold());
        view.Dispose();
        partition.Publish(2);
        Assert.True(view.Find(VersionedItems.Key(3)) >= 0);
        view.Dispose();
        Assert.Throws<InvalidOperationException>(view.Dispose);
    }

    [Fact]
    public async Task Views_can_be_taken_from_many_threads_while_each_is_replaced_at_once()
    {
        using var partition = Filled();
        var done = 0;
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(() =>
        {
            while (Volatile.Read(ref done) == 0)
            {
                using var view = partition.Acquire();
                Assert.Equal(VersionedItems.Id(3), view.IdOf(view.Find(VersionedItems.Key(3))));
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            partition.Count(VersionedItems.Key(i % 100), EventType.Like, 0, 1);
            partition.Publish(i);
        }
        Volatile.Write(ref done, 1);
        await Task.WhenAll(readers);
    }

    private static Partition Filled()
    {
        var partition = new Partition(VersionedItems.Settings);
        Rewrite(partition, times: 1);
        return partition;
    }

    private static void Rewrite(Partition partition, int times)
    {
        for (var version = 1; version <= times; version++)
        {
            for (var item = 0; item < 1_000; item++)
                VersionedItems.Put(partition, item, version);
        }
        partition.Publish(times);
    }
}
