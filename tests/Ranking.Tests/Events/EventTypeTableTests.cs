using System.Text.Json;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Ranking.Tests.Events;

[Trait("Suite", "Unit")]
public sealed class EventTypeTableTests
{
    private const string Sing = """{"eventId":"e1","userId":"u","itemId":"i","type":"sing","value":80,"timestamp":"2026-01-01T00:00:00Z"}""";

    [Fact]
    public void A_type_that_is_configured_no_more_is_read_from_a_log_and_counts_nothing()
    {
        var e = JsonSerializer.Deserialize<UserEvent>(Sing, KgJson.Options)!;
        Assert.Equal((EventType.Retired, "e1", 80d), (e.Type, e.EventId, e.Value));
        Assert.Equal("retired", JsonSerializer.SerializeToElement(e, KgJson.Options).GetProperty("type").GetString());

        var (state, seen) = (new UserState(), new SeenSet());
        UserStateUpdater.Apply(state, seen, e, new ItemFacts("i", "c", "s", ItemKind.Audio, ["t"], [1]));
        Assert.Empty(state.History);
        Assert.Empty(state.Tags);
        Assert.Equal(0, seen.Count);
        Assert.All(state.Counts, c => Assert.Equal(0, c));
        Assert.Equal(1, state.Version);
        Assert.False(EventTypes.IsPositive(EventType.Retired, 80));
        Assert.Equal(0, EventTypes.InterestOf(EventType.Retired, 80));
    }

    [Theory]
    [InlineData("sing")]
    [InlineData("retired")]
    [InlineData("Like")]
    public void Callers_can_only_send_types_that_are_configured_and_are_told_which(string type)
    {
        var errors = InputJson.Read<UserEvent>(
            System.Text.Encoding.UTF8.GetBytes($$"""{"userId":"u","itemId":"i","type":"{{type}}"}"""),
            e => EventValidator.Validate(e, DateTimeOffset.UtcNow), out _);
        var error = Assert.Single(errors);
        Assert.Equal(("type", "unknownValue"), (error.Field, error.Code));
        Assert.Equal("must be one of impression, play, like, follow, share, comment, gift, dislike, skip, report", error.Message);
    }

    [Fact]
    public void States_that_were_stored_before_a_type_existed_have_room_for_its_count()
    {
        var state = JsonSerializer.Deserialize<UserState>("""{"format":3,"counts":[1,2,3,4,5,6,7,8,9]}""", KgJson.Options)!;
        var e = new UserEvent { UserId = "u", ItemId = "i", Type = EventType.Report, Timestamp = DateTimeOffset.UnixEpoch };
        UserStateUpdater.Apply(state, new SeenSet(), e, new ItemFacts("i", "c", null, ItemKind.Audio, [], []));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 1], state.Counts);
    }
}
