using KgOrleans.Lab.Communities;
using KgOrleans.Lab.Replay;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Lab.Tests.Communities;

[Trait("Suite", "Unit")]
public sealed class CommunityTiesTests
{
    private static readonly ItemDocument[] Items =
    [
        new() { ItemId = "w1", CreatorId = "c1" }, new() { ItemId = "w2", CreatorId = "c1" }, new() { ItemId = "p1", CreatorId = "x", Kind = ItemKind.User },
    ];

    [Fact]
    public void What_was_taken_back_binds_nobody_and_what_was_done_again_does()
    {
        Assert.Equal(
            ["c1 u2", "u2 u3", "u3 x"],
            Ties(
                Event(0, "u1", "w1", EventType.Follow), Event(1, "u2", "w1", EventType.Follow), Event(2, "u1", "w2", EventType.Follow, undo: true),
                Event(3, "u3", "p1", EventType.Follow),
                Event(4, "u1", "w1", EventType.Like), Event(5, "u2", "w1", EventType.Like), Event(6, "u3", "w1", EventType.Share),
                Event(7, "u1", "w1", EventType.Like, undo: true),
                Event(8, "u2", "w1", EventType.Like, undo: true), Event(9, "u2", "w1", EventType.Like)));
    }

    private static string[] Ties(params UserEvent[] events) =>
    [
        .. CommunityTies.Of(new ReplayHistory("w", "test", Items, new Dictionary<string, UserDocument>(), events.Reverse().ToArray()))
            .Select(t => string.CompareOrdinal(t.A, t.B) < 0 ? $"{t.A} {t.B}" : $"{t.B} {t.A}").Order(),
    ];

    private static UserEvent Event(int second, string user, string item, EventType type, bool undo = false) => new()
    {
        UserId = user,
        ItemId = item,
        Type = type,
        Undo = undo ? true : null,
        Timestamp = DateTimeOffset.UnixEpoch.AddDays(20_000).AddSeconds(second),
    };
}
