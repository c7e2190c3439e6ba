using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains.Tests.Shards;

[Trait("Suite", "Unit")]
public sealed class ShardCountersTests : IDisposable
{
    private readonly Partition _partition = new(new PartitionSettings(4, 0, null));
    private readonly ShardCounters _counters = new(new ShardNeighbours());

    public ShardCountersTests()
    {
        _partition.Put(new ItemDocument { ItemId = "w1", CreatorId = "c1" }, 1, []);
        _partition.Put(new ItemDocument { ItemId = "w2", CreatorId = "c1" }, 2, []);
    }

    public void Dispose() => _partition.Dispose();

    [Fact]
    public void A_message_counts_once_and_one_that_does_not_follow_not_at_all()
    {
        var first = Message(0, 0, 100, Play("w1", 20), Play("w1", 60));
        Assert.True(_counters.Count(first, _partition));
        Assert.False(_counters.Count(first, _partition));
        Assert.False(_counters.Count(Message(0, 140, 200, Play("w1", 150)), _partition));
        Assert.Equal((2, 100L), (Plays("w1"), ShardCounters.At(_counters.CountedTo, 0)));
        Assert.True(_counters.Count(Message(3, 0, 50, Play("w1", 10)), _partition));
        Assert.True(_counters.Count(Message(0, 100, 140, Play("w2", 120)), _partition));
        Assert.Equal((3, 1), (Plays("w1"), Plays("w2")));
        Assert.Equal([140, 0, 0, 50], _counters.CountedTo);
        Assert.Equal(3, _counters.Epoch);
    }

    [Fact]
    public void A_message_without_changes_advances_and_is_no_batch()
    {
        Assert.False(_counters.Count(Message(1, 0, 70), _partition));
        Assert.Equal([0, 70], _counters.CountedTo);
        Assert.Equal(0, _counters.Epoch);
    }

    [Fact]
    public void Events_of_an_earlier_life_of_an_item_do_not_count_and_later_ones_and_other_partitions_do()
    {
        _counters.Created(Key64.Of("w1"), [50]);
        _counters.Count(Message(0, 0, 50, Play("w1", 49), Play("w2", 49)), _partition);
        Assert.Equal((0, 1), (Plays("w1"), Plays("w2")));
        _counters.Count(Message(0, 50, 60, Play("w1", 50)), _partition);
        _counters.Count(Message(1, 0, 60, Play("w1", 10)), _partition);
        Assert.Equal((2, 1), (Plays("w1"), Plays("w2")));
    }

    [Fact]
    public void A_fan_is_counted_apart_from_the_event()
    {
        var fan = new CounterDelta(Key64.Of("w1"), 0, 5, 0, EventType.Like, CounterChange.None, Fans: 8);
        _counters.Count(Message(0, 0, 10, fan), _partition);
        Assert.Equal((0, 8U), (Counters("w1").Likes, Counters("w1").Fans));
    }

    private static CounterDelta Play(string itemId, long position) => new(Key64.Of(itemId), 1_000, position, 1, EventType.Play, CounterChange.Add);

    private static CounterDeltas Message(int partition, long from, long to, params CounterDelta[] deltas) => new(partition, from, to, CounterDelta.Write(deltas));

    private int Plays(string itemId) => Counters(itemId).Plays;

    private ItemCounters Counters(string itemId)
    {
        _partition.Publish(2);
        using var view = _partition.Acquire();
        return view.CountersOf(view.Find(Key64.Of(itemId)));
    }
}
