using CsCheck;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Ranking.Tests.Catalogue;

[Trait("Suite", "Unit")]
public sealed class ItemCountersTests
{
    private const long Start = 1_770_000_000_000;
    private static readonly long HalfLife = (long)ItemCounters.HotHalfLife.TotalMilliseconds;

    private static readonly Gen<(EventType Type, double Value, long At)> Events =
        Gen.Select(Gen.Int[0, 8].Select(t => (EventType)t), Gen.Double[0, 1], Gen.Long[Start - (20 * HalfLife), Start + (10 * HalfLife)]);

    [Fact]
    public void Popularity_is_the_decayed_sum_of_the_positive_events_in_any_order() => Gen.Select(Events.Array[0, 60], Gen.Int).Sample((events, seed) =>
    {
        var shuffled = events.ToArray();
        new Random(seed).Shuffle(shuffled);
        var now = Start + (2 * HalfLife);
        var positive = events.Where(e => EventTypes.IsPositive(e.Type, e.Value)).ToArray();
        // Looking back before the newest event counts as that event's time.
        var asOf = positive.Select(e => e.At).Append(now).Max();
        var expected = positive.Sum(e => EventTypes.InterestOf(e.Type, e.Value) * Math.Pow(2, (e.At - asOf) / (double)HalfLife));
        foreach (var order in new[] { events, shuffled })
        {
            var counters = CountersOf(order);
            Assert.InRange(counters.Hot(now), (expected * (1 - 1e-6)) - 1e-6, (expected * (1 + 1e-6)) + 1e-6);
            Assert.Equal(events.Count(e => e.Type == EventType.Impression), counters.Impressions);
            Assert.Equal(events.Count(e => e.Type == EventType.Play && e.Value >= EventTypes.ValidPlay), counters.Plays);
            Assert.Equal(events.Count(e => e.Type == EventType.Like), counters.Likes);
            Assert.Equal(events.Count(e => e.Type == EventType.Comment), counters.Comments);
        }
    });

    [Fact]
    public void Popularity_halves_every_half_life()
    {
        var counters = CountersOf((EventType.Like, 0, Start));
        Assert.Equal(1.5f, counters.Hot(Start));
        Assert.Equal(0.75f, counters.Hot(Start + HalfLife));
        Assert.Equal(0.1875f, counters.Hot(Start + (3 * HalfLife)));
    }

    [Fact]
    public void Popularity_does_not_grow_by_looking_back()
    {
        var counters = CountersOf((EventType.Like, 0, Start));
        Assert.Equal(1.5f, counters.Hot(Start - HalfLife));
        Assert.Equal(1.5f, counters.Hot(0));
    }

    [Fact]
    public void Short_plays_skips_dislikes_and_impressions_make_nothing_popular()
    {
        var counters = CountersOf((EventType.Play, 0.49, Start), (EventType.Skip, 0, Start), (EventType.Dislike, 0, Start), (EventType.Impression, 0, Start));
        Assert.Equal(0, counters.Hot(Start));
        Assert.Equal(0, counters.Plays);
        Assert.Equal(0, default(ItemCounters).Hot(Start));
    }

    [Fact]
    public void What_is_taken_back_leaves_the_counters_as_if_it_had_never_been() => Gen.Select(Events.Array[0, 20], Events, Gen.Int).Sample(
        (others, drawn, seed) =>
    {
        (EventType Type, double Value, long At) taken = drawn.Type is EventType.Impression or EventType.Play or EventType.Skip
            ? (EventType.Like, 0, drawn.At)
            : drawn with { Value = 0 };
        var mixed = others.Append(taken).ToArray();
        new Random(seed).Shuffle(mixed);
        var counters = CountersOf(mixed);
        counters.TakeBack(taken.Type, taken.Value, taken.At);
        var expected = CountersOf(others);
        Assert.Equal(
            (expected.Impressions, expected.Plays, expected.Likes, expected.Comments),
            (counters.Impressions, counters.Plays, counters.Likes, counters.Comments));
        var now = Start + (10 * HalfLife);
        Assert.InRange(counters.Hot(now), (expected.Hot(now) * (1 - 1e-6)) - 1e-6, (expected.Hot(now) * (1 + 1e-6)) + 1e-6);
        Assert.Equal(expected.IsZero, counters.IsZero);
    });

    [Fact]
    public void Counters_that_began_anew_do_not_fall_below_nothing()
    {
        var counters = default(ItemCounters);
        counters.TakeBack(EventType.Like, 0, Start);
        counters.TakeBack(EventType.Comment, 0, Start);
        Assert.True(counters.IsZero);
    }

    private static ItemCounters CountersOf(params (EventType Type, double Value, long At)[] events)
    {
        var counters = default(ItemCounters);
        foreach (var (type, value, at) in events)
            counters.Add(type, value, at);
        return counters;
    }
}
