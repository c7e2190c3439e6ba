using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Ranking.Tests.Catalogue;

[Trait("Suite", "Unit")]
public sealed class PartitionReadersTests
{
    private const int Items = 48;
    private const int Batches = 800;
    private const int Readers = 3;

    // Each batch writes every item at the batch's number and deletes a seventh of them: the position of a view says exactly what it must hold.
    [Fact]
    public async Task Readers_see_whole_batches_and_whole_rows_while_the_writer_updates_deletes_and_compacts()
    {
        var partition = new Partition(VersionedWorks.Settings);
        Write(partition, 1);
        var done = 0;
        var compactions = 0;
        var seen = new int[Readers];
        var readers = Enumerable.Range(0, Readers).Select(reader => Task.Factory.StartNew(() =>
        {
            var kept = new List<PartitionView>();
            long epoch = 0;
            do
            {
                using var view = partition.Acquire();
                Assert.True(view.Epoch >= epoch);
                if (view.Epoch > epoch && seen[reader]++ % 50 == 0 && view.TryHold())
                    kept.Add(view);
                epoch = view.Epoch;
                AssertView(view);
            }
            while (Volatile.Read(ref done) == 0);
            foreach (var view in kept)
            {
                AssertView(view);
                view.Dispose();
            }
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        try
        {
            // Goes on until every reader has met many views, or one has failed.
            for (var batch = 2; batch <= Batches || (Array.Exists(seen, views => views < 20) && !Array.Exists(readers, r => r.IsCompleted)); batch++)
            {
                var rows = RowsOf(partition);
                Write(partition, batch);
                compactions += RowsOf(partition) < rows ? 1 : 0;
            }
        }
        finally
        {
            Volatile.Write(ref done, 1);
        }
        await Task.WhenAll(readers);
        Assert.True(compactions > 5);
        using var last = partition.Acquire();
        AssertView(last);
    }

    private static int RowsOf(Partition partition)
    {
        using var view = partition.Acquire();
        return view.RowCount;
    }

    private static bool IsDeleted(int item, int batch) => (item + batch) % 7 == 0;

    private static void Write(Partition partition, int batch)
    {
        for (var item = 0; item < Items; item++)
        {
            VersionedWorks.Put(partition, item, batch);
            var key = VersionedWorks.Key(item);
            partition.Count(key, EventType.Impression, 0, batch);
            partition.Count(key, EventType.Like, 0, batch);
            partition.Count(key, EventType.Play, 1, batch);
            if (IsDeleted(item, batch))
                partition.Delete(key);
        }
        partition.Publish(batch, batch);
    }

    private static void AssertView(PartitionView view)
    {
        var batch = (int)view.LogPosition;
        Assert.Equal(batch, view.CounterEpoch);
        var live = 0;
        for (var item = 0; item < Items; item++)
        {
            var row = view.Find(VersionedWorks.Key(item));
            Assert.Equal(IsDeleted(item, batch), row < 0);
            if (row < 0)
                continue;
            live++;
            VersionedWorks.AssertRow(view, row, item, batch);
            var counters = view.CountersOf(row);
            Assert.Equal(CountsSinceLastDelete(item, batch), counters.Impressions);
            Assert.Equal(counters.Impressions, counters.Likes);
            Assert.Equal(counters.Impressions, counters.Plays);
        }
        Assert.Equal(live, view.LiveCount);

        var found = PartitionRecall.Run(view, new RecallRequest
        {
            Now = long.MaxValue / 2,
            ScoreTime = batch,
            OldestPublishedAt = 0,
            World = batch % 4 == 0 ? Key64.Of($"world{batch}") : 0,
            UserVector = new float[VersionedWorks.Dimension],
            Interests = [[], [new RecallInterest(VersionedWorks.VersionTag(batch), 1, InterestField.Tag), new RecallInterest(VersionedWorks.VersionTag(batch - 1), 1, InterestField.Tag)]],
            Quotas = [Items, Items, Items],
        });
        Assert.Equal(live, found.Counts.Eligible);
        Assert.All(found.Channels[..3], channel => Assert.Equal(live, channel.Length));
    }

    private static int CountsSinceLastDelete(int item, int batch)
    {
        var count = 0;
        for (; batch > 0 && !IsDeleted(item, batch); batch--)
            count++;
        return count;
    }
}
