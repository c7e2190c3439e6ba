using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Tests.Events;

[Trait("Suite", "Unit")]
public sealed class EventValidatorTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly UserEvent Good = new() { UserId = "u", ItemId = "i", Type = EventType.Play };

    public static TheoryData<UserEvent, string, string> BadEvents => new()
    {
        { Good with { EventId = "" }, "eventId", "required" },
        { Good with { EventId = new string('x', 129) }, "eventId", "invalidId" },
        { Good with { UserId = "" }, "userId", "required" },
        { Good with { UserId = null! }, "userId", "required" },
        { Good with { UserId = "a b" }, "userId", "invalidId" },
        { Good with { UserId = "ü" }, "userId", "invalidId" },
        { Good with { ItemId = "" }, "itemId", "required" },
        { Good with { ItemId = new string('x', 5_000) }, "itemId", "invalidId" },
        { Good with { RequestId = "a/b" }, "requestId", "invalidId" },
        { Good with { Scene = "" }, "scene", "required" },
        { Good with { Position = -1 }, "position", "outOfRange" },
        { Good with { Position = 10_001 }, "position", "outOfRange" },
        { Good with { Timestamp = DateTimeOffset.MinValue }, "timestamp", "outOfRange" },
        { Good with { Timestamp = Now.AddHours(24).AddTicks(1) }, "timestamp", "outOfRange" },
        { Good with { Type = (EventType)10 }, "type", "unknownEventType" },
        { Good with { Type = (EventType)255, Value = 7 }, "type", "unknownEventType" },
        { Good with { Type = EventType.Retired }, "type", "unknownEventType" },
        { Good with { Value = 1.0001 }, "value", "outOfRange" },
        { Good with { Value = -0.0001 }, "value", "outOfRange" },
        { Good with { Value = double.NaN }, "value", "notFinite" },
        { Good with { Value = double.PositiveInfinity }, "value", "notFinite" },
        { Good with { Type = EventType.Gift, Value = 1_000_001 }, "value", "outOfRange" },
        { Good with { Type = EventType.Impression, Value = 0 }, "value", "unexpected" },
        { Good with { Type = EventType.Like, Value = 1 }, "value", "unexpected" },
    };

    [Theory]
    [MemberData(nameof(BadEvents))]
    public void A_bad_event_is_refused_and_the_field_named(UserEvent e, string field, string code) =>
        Assert.Equal((field, code), Assert.Single(EventValidator.Validate(e, Now).Select(x => (x.Field, x.Code))));

    [Fact]
    public void Events_at_the_limits_are_accepted()
    {
        UserEvent[] good =
        [
            Good,
            Good with { Value = 0 },
            Good with { Value = 1, Position = 0, Timestamp = Limits.EarliestTime },
            Good with { EventId = new string('x', 128), Position = 10_000, Timestamp = Now + Limits.ClockSkew },
            Good with { Type = EventType.Gift, Value = 1_000_000, RequestId = "Aa0_.:-", Scene = "feed" },
        ];
        Assert.All(good, e => Assert.Empty(EventValidator.Validate(e, Now)));
    }

    [Fact]
    public void Every_error_is_reported_at_once() =>
        Assert.Equal(["userId", "itemId", "timestamp", "value"],
            EventValidator.Validate(new UserEvent { Type = EventType.Play, Value = 2, Timestamp = DateTimeOffset.MinValue }, Now).Select(e => e.Field));

    [Fact]
    public void A_completed_event_has_id_value_and_universal_time_and_keeps_what_was_sent()
    {
        var complete = EventValidator.Complete(Good, Now.ToOffset(TimeSpan.FromHours(8)));
        Assert.Equal((Good.IdOrHash(), 1d, Now, TimeSpan.Zero),
            (complete.EventId, complete.Value!.Value, complete.Timestamp!.Value, complete.Timestamp.Value.Offset));
        var sent = Good with { EventId = "e", Value = 0.25, Timestamp = Now.AddHours(-1) };
        Assert.Equal(sent, EventValidator.Complete(sent, Now));
        Assert.Equal(0d, EventValidator.Complete(Good with { Type = EventType.Like }, Now).Value);
    }

    [Theory]
    [InlineData(EventType.Impression, "undo")]
    [InlineData(EventType.Play, "undo")]
    [InlineData(EventType.Skip, "undo")]
    [InlineData(EventType.Like, null)]
    [InlineData(EventType.Follow, null)]
    [InlineData(EventType.Share, null)]
    [InlineData(EventType.Comment, null)]
    [InlineData(EventType.Gift, null)]
    [InlineData(EventType.Dislike, null)]
    [InlineData(EventType.Report, null)]
    public void Likes_follows_shares_comments_gifts_dislikes_and_reports_can_be_taken_back(EventType type, string? field)
    {
        var undo = new UserEvent { UserId = "u", ItemId = "i", Type = type, Undo = true };
        Assert.Equal(field is null ? [] : [field], EventValidator.Validate(undo, Now).Select(e => e.Field));
        Assert.NotEqual((undo with { Undo = null }).IdOrHash(), undo.IdOrHash());
        Assert.Equal((undo with { Undo = null }).IdOrHash(), (undo with { Undo = false }).IdOrHash());
    }

    [Fact]
    public void An_undo_has_no_value_and_nobody_sends_what_only_the_log_holds()
    {
        var gift = new UserEvent { UserId = "u", ItemId = "i", Type = EventType.Gift, Value = 3, Undo = true, Repeat = false, TakesBack = [] };
        Assert.Equal(["repeat", "takesBack", "value"], EventValidator.Validate(gift, Now).Select(e => e.Field).Order());
    }

    [Fact]
    public void The_table_has_every_type_at_its_own_place()
    {
        var types = Enum.GetValues<EventType>().Except([EventType.Retired]).ToArray();
        Assert.Equal(types, EventTypes.All.Select(t => t.Type));
        Assert.All(types, t => Assert.Equal(t, EventTypes.Of(t).Type));
        Assert.Throws<ArgumentOutOfRangeException>(() => EventTypes.Of((EventType)16));
    }

    [Fact]
    public void Positive_events_are_valid_plays_likes_follows_shares_comments_and_gifts()
    {
        Assert.Equal(
            [EventType.Play, EventType.Like, EventType.Follow, EventType.Share, EventType.Comment, EventType.Gift],
            Enum.GetValues<EventType>().Where(t => EventTypes.IsPositive(t, 0.5)));
        Assert.False(EventTypes.IsPositive(EventType.Play, 0.49));
        Assert.Equal(0.25f, EventTypes.InterestOf(EventType.Play, 0.25));
        Assert.Equal(2f, EventTypes.InterestOf(EventType.Gift, 500));
    }
}
