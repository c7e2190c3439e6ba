using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Users;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;
using KgOrleans.Storage.Events;

namespace KgOrleans.Grains.Tests.Users;

[Trait("Suite", "Unit")]
public sealed class UserEventBatchTests
{
    private static readonly ItemFacts Known = new("w1", "c1", "s1", ItemKind.Audio, ["rock"], []);

    [Fact]
    public void Events_of_items_that_are_unknown_or_cannot_be_asked_for_are_settled_and_left_out()
    {
        var (first, second) = (Write("e1 w1", "e2 gone"), Write("e3 silent", "e4 w1"));
        var batch = new UserEventBatch([first, new PendingUserWrite { Profile = new ProfileCommand(WriteOperation.Delete, [], null) }, second]);
        Assert.Equal(["w1", "gone", "silent", "w1"], batch.ItemIds);

        batch.KeepKnown(new Dictionary<string, ItemFacts?> { ["w1"] = Known, ["gone"] = null });

        Assert.Equal(EventStatus.UnknownItem, first.Statuses[1]);
        Assert.Equal(EventStatus.Unavailable, second.Statuses[0]);
        Assert.Equal([first.Payloads[0], second.Payloads[1]], batch.ForLog("u1", 0).Select(e => e.Payload.ToArray()));
        batch.KeepKnown(new Dictionary<string, ItemFacts?>());
        Assert.True(batch.IsEmpty);
    }

    [Fact]
    public void An_event_id_is_unique_within_a_user_between_two_erasures()
    {
        var batch = new UserEventBatch([Write("e1 w1", "e2 w1")]);
        ulong[] hashes = [.. batch.ForLog("u1", 0).Concat(batch.ForLog("u2", 0)).Concat(batch.ForLog("u1", 1)).Select(e => e.IdHash)];
        Assert.Equal(6, hashes.Distinct().Count());
        Assert.Equal(hashes[0], batch.ForLog("u1", 0)[0].IdHash);
        // Stored logs hold these hashes, so they must not change.
        Assert.Equal(Key64.Of("u1\n0\ne1"), hashes[0]);
    }

    [Fact]
    public async Task An_id_that_stands_for_another_event_is_a_conflict_and_an_equal_event_is_a_duplicate()
    {
        var write = Write("e1 w1", "e1 w1", "e1 w2", "e2 w1", "e3 w1");
        var (same, other) = (write.Events[3], write.Events[4] with { Value = 3 });
        var batch = new UserEventBatch([write]);
        batch.KeepKnown(new Dictionary<string, ItemFacts?> { ["w1"] = Known, ["w2"] = Known });
        batch.Appended(new EventAppendResult(0, [180, 180, 180, 100, 140], [false, true, true, true, true]));

        var changed = await batch.SettleDuplicates(position => Task.FromResult(position == 100 ? same : other), new SeenSet());

        Assert.False(changed);
        Assert.Equal([EventStatus.Accepted, EventStatus.Duplicate, EventStatus.IdConflict, EventStatus.Duplicate, EventStatus.IdConflict], write.Statuses);
        Assert.True(batch.TryGet(180, out var appended, out _));
        Assert.Equal("w1", appended.ItemId);
        Assert.False(batch.TryGet(100, out _, out _));
    }

    [Fact]
    public async Task A_repeat_without_time_is_seen_from_its_own_arrival_on()
    {
        var write = Write("e1 w1");
        var arrived = write.Events[0].Timestamp!.Value.ToUnixTimeMilliseconds();
        var met = write.Events[0] with { Type = EventType.Impression };
        var repeat = new PendingUserWrite { Events = [met], Payloads = write.Payloads, Filled = [EventFilled.Timestamp], Statuses = new EventStatus[1] };
        var batch = new UserEventBatch([repeat]);
        batch.KeepKnown(new Dictionary<string, ItemFacts?> { ["w1"] = Known });
        batch.Appended(new EventAppendResult(0, [100], [true]));
        var seen = new SeenSet();

        Assert.True(await batch.SettleDuplicates(_ => Task.FromResult(met with { Timestamp = DateTimeOffset.UnixEpoch }), seen));

        Assert.Equal(EventStatus.Duplicate, repeat.Statuses[0]);
        Assert.Equal([Key64.Of("w1")], seen.Select(new SeenRule(1 << (int)EventType.Impression, TimeSpan.FromSeconds(1), 10), arrived));
    }

    [Fact]
    public void What_events_count_goes_into_the_log_and_not_into_the_callers_bytes()
    {
        var write = Write("e1 w1", "e2 w1");
        var sent = write.Payloads.ToArray();
        var batch = new UserEventBatch([write]);
        batch.KeepKnown(new Dictionary<string, ItemFacts?> { ["w1"] = Known });
        var (state, seen) = (new UserState(), new SeenSet());
        batch.Mark(state, seen);
        var logged = batch.ForLog("u1", 0);
        var first = JsonSerializer.Deserialize<UserEvent>(logged[0].Payload.Span, KgJson.Options)!;
        Assert.Null(first.Repeat);
        Assert.Empty(first.PairedWith!);
        var again = JsonSerializer.Deserialize<UserEvent>(logged[1].Payload.Span, KgJson.Options)!;
        Assert.True(again.Repeat);
        Assert.Null(again.PairedWith);
        Assert.Equal(sent, write.Payloads);

        batch.Appended(new EventAppendResult(0, [10, 20], [false, false]));
        Assert.True(batch.TryGet(20, out var second, out _));
        Assert.True(second.Repeat);
    }

    [Fact]
    public void Events_dated_before_the_erasure_are_settled_and_left_out()
    {
        var write = Write("e1 w1");
        var at = write.Events[0].Timestamp!.Value.ToUnixTimeMilliseconds();
        var batch = new UserEventBatch([write]);
        batch.KeepAfter(at);
        Assert.False(batch.IsEmpty);
        batch.KeepAfter(at + 1);
        Assert.True(batch.IsEmpty);
        Assert.Equal([EventStatus.BeforeErasure], write.Statuses);
    }

    private static PendingUserWrite Write(params string[] events)
    {
        var parsed = Array.ConvertAll(events, e => new UserEvent
        {
            EventId = e.Split(' ')[0],
            UserId = "u1",
            ItemId = e.Split(' ')[1],
            Type = EventType.Like,
            Timestamp = DateTimeOffset.UnixEpoch.AddDays(20_000),
        });
        return new PendingUserWrite { Events = parsed, Payloads = [.. parsed.Select((_, i) => new[] { (byte)i })], Statuses = new EventStatus[events.Length] };
    }
}
