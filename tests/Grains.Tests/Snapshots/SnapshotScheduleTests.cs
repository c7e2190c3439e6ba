using KgOrleans.Grains.Shards;
using KgOrleans.Grains.Snapshots;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Tests.Snapshots;

[Trait("Suite", "Unit")]
public sealed class SnapshotScheduleTests
{
    private const long Least = 1_000;

    [Theory]
    [InlineData(999, 0, false)]
    [InlineData(999, 3_600, false)]
    [InlineData(1_000, 0, true)]
    public void The_first_one_is_due_when_the_logs_have_grown_by_the_least_size(long grown, int restedSeconds, bool isDue)
    {
        using var schedule = new SnapshotSchedule(Options.Create(new ShardOptions { SnapshotAfterBytes = Least }));
        Assert.Equal(isDue, schedule.IsDue(grown, TimeSpan.FromSeconds(restedSeconds), newest: null, DateTimeOffset.UnixEpoch));
    }
}
