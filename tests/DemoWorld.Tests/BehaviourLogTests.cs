using KgOrleans.Ranking.Events;

namespace KgOrleans.DemoWorld.Tests;

/// <summary>That the log reads like one that a platform would have recorded.</summary>
[Trait("Suite", "Unit")]
public sealed class BehaviourLogTests(DefaultWorld world)
{
    private readonly DemoWorldData _data = world.Data;

    [Fact]
    public void Each_users_events_are_in_order_and_within_the_last_four_weeks_and_a_day()
    {
        foreach (var events in _data.Events.GroupBy(e => e.UserId))
        {
            var last = DateTimeOffset.MinValue;
            foreach (var e in events)
            {
                Assert.True(e.Timestamp >= last, $"{e} comes after {last:O}");
                last = e.Timestamp!.Value;
                Assert.InRange(last, DefaultWorld.Now.AddDays(-29), DefaultWorld.Now);
            }
        }
        Assert.Equal(_data.Users.Count, _data.Events.Select(e => e.UserId).Distinct().Count());
    }

    [Fact]
    public void A_request_shows_ten_items_at_positions_0_to_9_together()
    {
        var requests = 0;
        var i = 0;
        var seen = new HashSet<string>();
        while (i < _data.Events.Count)
        {
            var first = _data.Events[i];
            Assert.True(seen.Add(first.RequestId!), $"{first.RequestId} comes twice");
            Assert.StartsWith($"demo-{first.UserId}-", first.RequestId);
            for (var position = 0; position < 10; position++, i++)
            {
                var shown = _data.Events[i];
                Assert.Equal((EventType.Impression, position, first.RequestId, "feed"), (shown.Type, shown.Position, shown.RequestId, shown.Scene));
            }
            for (; i < _data.Events.Count && _data.Events[i].Type != EventType.Impression; i++)
                Assert.Equal(first.RequestId, _data.Events[i].RequestId);
            requests++;
        }
        Assert.InRange(requests / (double)_data.Users.Count, 11.5, 12.5);
    }

    [Fact]
    public void No_user_sees_an_item_twice_or_before_it_is_published_or_of_a_blocked_creator()
    {
        var shown = new HashSet<(string, string)>();
        foreach (var e in _data.Events)
        {
            if (e.Type != EventType.Impression)
                continue;
            Assert.True(shown.Add((e.UserId, e.ItemId)), $"{e.UserId} sees {e.ItemId} twice");
            var item = _data.Items[DefaultWorld.Index(e.ItemId)];
            Assert.True(item.PublishedAt <= e.Timestamp, $"{e.ItemId} is shown before it is published");
            Assert.DoesNotContain(item.CreatorId, _data.Users[DefaultWorld.Index(e.UserId)].BlockedCreatorIds);
        }
    }

    [Fact]
    public void Items_are_liked_shared_and_followed_from_only_after_a_valid_play()
    {
        var impressions = new HashSet<(string?, string, int?)>();
        var played = new HashSet<(string, string)>();
        var once = new HashSet<(string, string, EventType)>();
        foreach (var e in _data.Events)
        {
            Assert.True(once.Add((e.UserId, e.ItemId, e.Type)), $"{e} happens twice");
            if (e.Type == EventType.Impression)
                impressions.Add((e.RequestId, e.ItemId, e.Position));
            else
                Assert.Contains((e.RequestId, e.ItemId, e.Position), impressions);
            if (e.Type == EventType.Play && e.Value >= EventTypes.ValidPlay)
                played.Add((e.UserId, e.ItemId));
            else if (e.Type is EventType.Like or EventType.Share or EventType.Follow or EventType.Comment or EventType.Gift)
                Assert.Contains((e.UserId, e.ItemId), played);
            else if (e.Type is EventType.Skip or EventType.Dislike)
                Assert.DoesNotContain((e.UserId, e.ItemId), played);
        }
    }

    [Fact]
    public void Nobody_follows_a_creator_twice()
    {
        var follows = _data.Users.SelectMany(u => u.Follows.Select(c => (u.UserId, c))).ToHashSet();
        foreach (var e in _data.Events.Where(e => e.Type == EventType.Follow))
            Assert.True(follows.Add((e.UserId, _data.Items[DefaultWorld.Index(e.ItemId)].CreatorId)), $"{e.UserId} follows from {e.ItemId} again");
    }

    [Fact]
    public void The_log_shows_hits_often_and_still_reaches_the_catalogue_evenly()
    {
        var counts = new int[_data.Items.Count];
        foreach (var e in _data.Events)
        {
            if (e.Type == EventType.Impression)
                counts[DefaultWorld.Index(e.ItemId)]++;
        }
        var sorted = counts.OrderDescending().ToArray();
        var impressions = sorted.Sum();
        Assert.InRange(sorted.Take(500).Sum() / (double)impressions, 0.05, 0.35);
        // The uniform part alone shows an old item about twice; nearly every item that was out for the whole log has been shown.
        var old = Enumerable.Range(0, counts.Length).Where(i => _data.Items[i].PublishedAt < DefaultWorld.Now.AddDays(-40)).ToArray();
        Assert.InRange(old.Count(i => counts[i] > 0) / (double)old.Length, 0.9, 1);
    }

    [Fact]
    public void More_happens_in_the_evening_than_before_dawn()
    {
        var perHour = new int[24];
        foreach (var e in _data.Events)
            perHour[e.Timestamp!.Value.Hour]++;
        Assert.True(perHour[12] + perHour[13] > 2 * (perHour[0] + perHour[1]));
    }
}
