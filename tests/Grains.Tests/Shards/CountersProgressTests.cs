using KgOrleans.Grains.Events;

namespace KgOrleans.Grains.Tests.Shards;

[Trait("Suite", "Unit")]
public sealed class CountersProgressTests
{
    [Fact]
    public void It_has_caught_up_when_all_partitions_were_read_and_all_shards_counted_what_was_in_them()
    {
        var progress = new CountersProgress(partitions: 2, shards: 2);
        progress.Read(0);
        progress.Read(1);
        progress.PartitionRead();
        progress.Counted(0, 1);
        Assert.False(progress.HasCaughtUp);
        progress.Read(1);
        progress.PartitionRead();
        // Comes after the start, and is not waited for.
        progress.Read(0);
        progress.Counted(1, 1);
        Assert.False(progress.HasCaughtUp);
        progress.Counted(1, 1);
        Assert.True(progress.HasCaughtUp);
    }

    [Fact]
    public void An_empty_log_is_counted_once_it_was_read()
    {
        var progress = new CountersProgress(partitions: 1, shards: 3);
        Assert.False(progress.HasCaughtUp);
        progress.PartitionRead();
        Assert.True(progress.HasCaughtUp);
    }
}
