using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Catalogue;
using Microsoft.Extensions.Time.Testing;

namespace KgOrleans.Grains.Tests.Shards;

[Trait("Suite", "Unit")]
public sealed class HeldViewsTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly Partition _partition = new(new PartitionSettings(0, 0, null) { ChunkShift = 6 });
    private readonly HeldViews _held;

    public HeldViewsTests() => _held = new HeldViews(_time);

    public void Dispose()
    {
        _held.Dispose();
        _partition.Dispose();
    }

    [Fact]
    public void The_newest_eight_views_are_found_by_their_epochs()
    {
        var epochs = Enumerable.Range(0, 10).Select(_ => KeepNext()).ToArray();
        Assert.Equal(epochs[2..], epochs.Where(IsKept));
    }

    [Fact]
    public void A_view_that_is_kept_twice_takes_one_place()
    {
        var first = KeepNext();
        for (var i = 0; i < 20; i++)
        {
            using var same = _partition.Acquire();
            _held.Keep(same);
        }
        for (var i = 0; i < 7; i++)
            KeepNext();
        Assert.True(IsKept(first));
    }

    [Fact]
    public void A_view_is_let_go_after_half_a_minute_and_then_closes()
    {
        var epoch = KeepNext();
        var view = _held.Find(epoch)!;
        view.Dispose();
        _partition.Publish(1);
        _time.Advance(TimeSpan.FromSeconds(31));
        _held.Trim();
        Assert.Null(_held.Find(epoch));
        Assert.False(view.TryHold());
    }

    private long KeepNext()
    {
        _partition.Publish(1);
        using var view = _partition.Acquire();
        _held.Keep(view);
        return view.Epoch;
    }

    private bool IsKept(long epoch)
    {
        using var view = _held.Find(epoch);
        return view is not null;
    }
}
