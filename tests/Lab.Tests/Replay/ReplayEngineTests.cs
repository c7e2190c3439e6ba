using KgOrleans.Lab.Replay;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Lab.Tests.Replay;

[Trait("Suite", "Unit")]
public class ReplayEngineTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_request_carries_the_user_and_the_counters_of_before_it()
    {
        var requests = Run(
            Event(0, "u1", "w1", EventType.Impression, "r1"),
            Event(10, "u1", "w1", EventType.Play, value: 0.9),
            Event(20, "u2", "w1", EventType.Impression, "r2"),
            Event(7_300, "u1", "w2", EventType.Impression, "r3"),
            Event(7_301, "u1", "w1", EventType.Impression, "r3"));

        var (first, other, later) = (requests[0], requests[1], requests[2]);
        Assert.Empty(first.User.Creators);
        Assert.Equal((0f, 0f), (first.Items.Rows[0].Impressions, first.Items.Rows[0].Plays));
        Assert.Equal((1f, 1f), (other.Items.Rows[0].Impressions, other.Items.Rows[0].Plays));
        Assert.Equal("c1", Assert.Single(later.User.Creators).Id);
        Assert.Equal(["w2", "w1"], later.Items.Ids);
        Assert.Equal(2f, later.Items.Rows[1].Impressions);
    }

    [Fact]
    public void What_happens_within_a_request_does_not_reach_the_rest_of_its_page()
    {
        var request = Assert.Single(Run(
            Event(0, "u1", "w1", EventType.Impression, "r1"),
            Event(5, "u1", "w1", EventType.Play, value: 1),
            Event(6, "u1", "w1", EventType.Like),
            Event(30, "u1", "w2", EventType.Impression, "r1")));

        Assert.Equal(2, request.Items.Count);
        Assert.Empty(request.User.Tags);
    }

    [Fact]
    public void Labels_are_outcomes_of_that_item_within_an_hour()
    {
        var requests = Run(
            Event(0, "u1", "w1", EventType.Impression, "r1", position: 3),
            Event(0, "u1", "w2", EventType.Impression, "r1"),
            Event(0, "u1", "w3", EventType.Impression, "r1"),
            Event(5, "u2", "w1", EventType.Like),
            Event(9, "u1", "w2", EventType.Play, value: 0.49),
            Event(3_599, "u1", "w1", EventType.Play, value: 0.5),
            Event(3_600, "u1", "w1", EventType.Share),
            Event(3_601, "u1", "w3", EventType.Play, value: 1));

        var request = Assert.Single(requests);
        Assert.Equal([1, 0, 1], request.Labels[0]);
        Assert.Equal([0, 0, 0], request.Labels[1]);
        Assert.Equal([0, 0, 0], request.Labels[2]);
        Assert.Equal([3, -1, -1], request.Positions);
    }

    [Fact]
    public void What_is_taken_back_within_the_hour_is_no_outcome_and_counts_nothing()
    {
        var requests = Run(
            Event(0, "u1", "w1", EventType.Impression, "r1"),
            Event(0, "u1", "w2", EventType.Impression, "r1"),
            Event(5, "u1", "w1", EventType.Like),
            Event(6, "u1", "w1", EventType.Like) with { EventId = "again" },
            Event(7, "u1", "w2", EventType.Like),
            Event(9, "u1", "w1", EventType.Like) with { Undo = true },
            Event(10, "u1", "w3", EventType.Like) with { Undo = true },
            Event(7_200, "u1", "w1", EventType.Impression, "r2"),
            Event(7_200, "u1", "w2", EventType.Impression, "r2"));

        Assert.Equal([0, 0, 0], requests[0].Labels[0]);
        Assert.Equal([0, 1, 0], requests[0].Labels[1]);
        Assert.Equal((0f, 1f), (requests[1].Items.Rows[0].Likes, requests[1].Items.Rows[1].Likes));
        Assert.Equal(0f, requests[1].Items.Rows[0].Hot);
        Assert.Equal(["c2"], requests[1].User.Creators.Select(c => c.Id));
    }

    [Fact]
    public void An_event_counts_once_for_a_user_and_an_item()
    {
        var request = Run(
            Event(0, "u1", "w1", EventType.Play, value: 0.3),
            Event(1, "u1", "w1", EventType.Play, value: 0.9),
            Event(2, "u1", "w1", EventType.Play, value: 0.8),
            Event(3, "u2", "w1", EventType.Play, value: 0.8),
            Event(9, "u1", "w1", EventType.Impression, "r1"))[0];
        Assert.Equal(2f, request.Items.Rows[0].Plays);
    }

    [Fact]
    public void Impressions_group_by_request_id_and_without_one_by_minute()
    {
        var requests = Run(
            Event(0, "u1", "w1", EventType.Impression),
            Event(1, "u1", "w2", EventType.Impression, "r1"),
            Event(30, "u1", "w3", EventType.Impression),
            Event(31, "u1", "w3", EventType.Impression),
            Event(200, "u1", "w4", EventType.Impression),
            Event(201, "u1", "w1", EventType.Impression, "r1"));

        Assert.Equal(["w1 w3", "w2 w1", "w4"], requests.Select(r => string.Join(' ', r.Items.Ids)));
    }

    [Fact]
    public void Order_of_the_events_in_the_source_does_not_matter_and_unknown_items_are_counted()
    {
        UserEvent[] events =
        [
            Event(0, "u1", "w1", EventType.Impression, "r1"), Event(5, "u1", "w1", EventType.Like), Event(6, "u1", "gone", EventType.Like),
            Event(8_000, "u1", "w2", EventType.Impression, "r2"),
        ];
        var requests = Run([.. events.Reverse()]);

        Assert.Equal([0, 1, 0], requests[0].Labels[0]);
        Assert.Equal("c1", Assert.Single(requests[1].User.Creators).Id);
        var engine = Engine([.. events], shadows: 0);
        engine.Run(_ => { });
        Assert.Equal(1, engine.UnknownItems);
    }

    [Fact]
    public void Shadow_rows_are_published_items_and_the_same_on_every_run()
    {
        UserEvent[] events = [Event(0, "u1", "w1", EventType.Impression, "r1")];
        var drawn = new List<string>[2];
        for (var n = 0; n < 2; n++)
        {
            drawn[n] = [];
            Engine(events, shadows: 50).Run(r => drawn[n].AddRange(r.Shadows.Ids));
        }

        Assert.Equal(drawn[0], drawn[1]);
        Assert.True(drawn[0].Distinct().Count() > 2);
        Assert.DoesNotContain("future", drawn[0]);
    }

    [Fact]
    public void An_objective_that_is_no_event_is_refused() =>
        Assert.Contains("dance", Assert.Throws<ArgumentException>(() => new ReplayObjectives(["play", "dance"])).Message);

    private static List<ReplayedRequest> Run(params UserEvent[] events)
    {
        var requests = new List<ReplayedRequest>();
        Engine(events, shadows: 0).Run(requests.Add);
        return requests;
    }

    private static ReplayEngine Engine(UserEvent[] events, int shadows)
    {
        ItemDocument[] items = [.. Enumerable.Range(1, 4).Select(i => Item($"w{i}", $"c{i}", Start.AddDays(-i))), Item("future", "c9", Start.AddDays(1))];
        return new ReplayEngine(
            new ReplayHistory(
                "demo-1", "test", items, new Dictionary<string, UserDocument>(
                    ), events), new ReplayObjectives(["play", "like", "share"]), contentDimension: 8, shadows);
    }

    private static ItemDocument Item(string id, string creator, DateTimeOffset publishedAt) =>
        new() { ItemId = id, CreatorId = creator, Tags = ["pop"], PublishedAt = publishedAt };

    private static UserEvent Event(int second, string user, string item, EventType type, string? request = null, double? value = null, int? position = null) =>
        EventValidator.Complete(
            new UserEvent
            {
                UserId = user,
                ItemId = item,
                Type = type,
                Value = value,
                Timestamp = Start.AddSeconds(second),
                RequestId = request,
                Position = position,
            }, Start);
}
