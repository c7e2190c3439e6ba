using System.Buffers.Binary;
using CsCheck;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Ranking.Tests.Users;

[Trait("Suite", "Unit")]
public sealed class SeenSetTests
{
    private const long Now = 1_770_000_000_000;
    private static readonly SeenRule Everything = new(0x1FF, TimeSpan.FromDays(30), SeenSet.Capacity);

    private static readonly Gen<(ulong Key, int Type, long At)[]> Meetings =
        Gen.Select(Gen.ULong[0, 40], Gen.Int[0, 8], Gen.Long[Now - 100, Now + 10]).Array[0, 120];

    [Fact]
    public void A_rule_selects_what_was_met_by_its_types_within_its_horizon() =>
        Gen.Select(Meetings, Gen.Int[0, 0x1FF], Gen.Int[0, 110], Gen.Int[0, 50]).Sample((meetings, mask, horizon, max) =>
    {
        var set = new SeenSet();
        foreach (var (key, type, at) in meetings)
            set.Add(key, type, at);
        var matching = meetings.GroupBy(m => m.Key)
            .Select(g => (g.Key, At: g.Max(m => m.At), Types: g.Aggregate(0, (types, m) => types | (1 << m.Type))))
            .Where(e => (e.Types & mask) != 0 && e.At >= Now - horizon)
            .OrderByDescending(e => e.At).ThenBy(e => e.Key).Select(e => e.Key).ToList();
        var rule = new SeenRule(mask, TimeSpan.FromMilliseconds(horizon), max);
        foreach (var s in new[] { set, SeenSet.Unpack(set.Pack()) })
        {
            var selected = s.Select(rule, Now);
            if (matching.Count > max)
                Assert.Equal(matching.Take(max), selected);
            else
                Assert.Equal(matching.Order(), selected.Order());
            Assert.Equal(meetings.DistinctBy(m => m.Key).Count(), s.Count);
        }
    });

    [Fact]
    public void An_older_meeting_that_arrives_late_does_not_move_the_time_back()
    {
        var set = new SeenSet();
        set.Add(1, 0, Now);
        set.Add(1, 1, Now - 1_000_000_000_000);
        Assert.Equal([1UL], set.Select(Everything, Now));
        Assert.Equal([1UL], set.Select(Everything with { TypesMask = 2 }, Now));
    }

    [Fact]
    public void A_session_is_what_was_met_without_a_long_pause_the_newest_of_it_oldest_first() =>
        Gen.Select(Meetings, Gen.Int[0, 0x1FF], Gen.Int[0, 20], Gen.Int[0, 12]).Sample((meetings, mask, gap, count) =>
    {
        var set = new SeenSet();
        foreach (var (key, type, at) in meetings)
            set.Add(key, type, at);
        var session = new List<ulong>();
        var last = Now;
        foreach (var (key, at) in meetings.GroupBy(m => m.Key)
            .Select(g => (g.Key, At: g.Max(m => m.At), Types: g.Aggregate(0, (types, m) => types | (1 << m.Type))))
            .Where(e => (e.Types & mask) != 0).OrderByDescending(e => e.At).ThenBy(e => e.Key).Select(e => (e.Key, e.At)))
        {
            if (last - at > gap)
                break;
            last = Math.Min(last, at);
            session.Add(key);
        }
        Assert.Equal(session.Take(count).Reverse(), set.Session(mask, Now, TimeSpan.FromMilliseconds(gap), count));
    });

    [Fact]
    public void The_horizon_includes_its_first_millisecond()
    {
        var set = new SeenSet();
        set.Add(1, 0, Now - 1_000);
        var rule = Everything with { Horizon = TimeSpan.FromSeconds(1) };
        Assert.Single(set.Select(rule, Now));
        Assert.Empty(set.Select(rule, Now + 1));
    }

    [Fact]
    public void A_full_set_forgets_the_oldest_and_nothing_else()
    {
        const int Total = SeenSet.Capacity + 5_000;
        var set = new SeenSet();
        var order = Enumerable.Range(0, Total).ToArray();
        new Random(5).Shuffle(order);
        foreach (var i in order)
            set.Add((ulong)i, 0, Now - i);
        var newest = Enumerable.Range(0, SeenSet.Capacity).Select(i => (ulong)i).ToList();
        Assert.Equal(newest, set.Select(Everything, Now).Order());
        var packed = set.Pack();
        Assert.Equal(SeenSet.Capacity * 16, packed.Length);
        Assert.Equal(newest, SeenSet.Unpack(packed).Select(Everything with { Max = int.MaxValue }, Now).Order());
    }

    [Fact]
    public void Each_type_forgets_its_own_oldest_items_and_those_of_no_other()
    {
        var set = new SeenSet();
        for (var i = 0; i < SeenSet.Capacity; i++)
            set.Add((ulong)i, 0, Now - 1_000_000 - i);
        for (var type = 2; type < 10; type++)
        {
            for (var i = 0; i < 24_000; i++)
                set.Add((ulong)((type * 100_000) + i), type, Now - i);
        }
        foreach (var s in new[] { set, SeenSet.Unpack(set.Pack()) })
        {
            Assert.Equal(SeenSet.Capacity, s.Select(Everything with { TypesMask = 1 }, Now).Length);
            Assert.Equal(
                Enumerable.Range(0, SeenSet.OtherCapacity).Select(i => (ulong)(200_000 + i)),
                s.Select(Everything with { TypesMask = 4, Max = SeenSet.OtherCapacity }, Now).Order());
        }
        Assert.Equal((3 * SeenSet.Capacity) + (6 * SeenSet.OtherCapacity), set.Count);
    }

    [Fact]
    public void An_item_leaves_when_the_only_type_that_marked_it_is_removed()
    {
        var set = new SeenSet();
        set.Add(1, 0, Now);
        set.Add(1, 2, Now);
        set.Add(2, 2, Now);
        set.Remove(1, EventType.Like);
        set.Remove(2, EventType.Like);
        set.Remove(3, EventType.Like);
        Assert.Equal([1UL], set.Select(Everything, Now));
        Assert.False(set.Has(1, EventType.Like));
        Assert.Equal(1, set.Count);
    }

    [Fact]
    public void Types_that_always_count_are_selected_beside_the_rule()
    {
        var set = new SeenSet();
        set.Add(1, 0, Now);
        set.Add(2, 5, Now - 10_000_000_000);
        set.Add(3, 4, Now - 10_000_000_000);
        set.Add(4, 0, Now - 1);
        Assert.Equal([1UL, 2UL], set.Select(Everything with { TypesMask = 1, Max = 1 }, Now, always: 1 << 5));
    }

    [Fact]
    public void The_packed_form_is_key_time_and_types_of_each_item()
    {
        var set = new SeenSet();
        set.Add(0x0102030405060708, 0, Now);
        set.Add(0x0102030405060708, 8, Now - 1);
        var bytes = set.Pack();
        Assert.Equal(16, bytes.Length);
        Assert.Equal(0x0102030405060708UL, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        Assert.Equal((Now << 16) | 0x101, BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(8)));
    }

    [Fact]
    public void Bytes_of_another_length_are_refused()
    {
        Assert.Equal(0, SeenSet.Unpack([]).Count);
        for (var length = 1; length < 16; length++)
            Assert.Throws<FormatException>(() => SeenSet.Unpack(new byte[16 + length]));
    }
}
