using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Tests.Events;

[Trait("Suite", "Unit")]
public sealed class UserEventHashTests
{
    private static readonly UserEvent Full = new()
    {
        UserId = "user",
        ItemId = "item",
        Type = EventType.Play,
        Value = 0.5,
        Timestamp = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        RequestId = "request",
        Scene = "scene",
        Position = 3,
    };

    [Fact]
    public void The_same_fields_give_the_same_id_and_any_changed_field_another()
    {
        UserEvent[] variants =
        [
            Full,
            new() { UserId = "user", ItemId = "item" },
            Full with { UserId = "user2" },
            Full with { ItemId = "item2" },
            Full with { Type = EventType.Like },
            Full with { Value = 0.25 },
            Full with { Value = 0 },
            Full with { Value = null },
            Full with { Timestamp = Full.Timestamp!.Value.AddTicks(1) },
            Full with { Timestamp = DateTimeOffset.MinValue },
            Full with { Timestamp = null },
            Full with { RequestId = "request2" },
            Full with { RequestId = "" },
            Full with { RequestId = null },
            Full with { Scene = "scene2" },
            Full with { Scene = "" },
            Full with { Scene = null },
            Full with { RequestId = "scene", Scene = "request" },
            Full with { RequestId = null, Scene = "request" },
            Full with { RequestId = "request", Scene = null, Position = 4 },
            Full with { Position = 0 },
            Full with { Position = null },
            Full with { Position = -3 },
        ];
        Assert.Equal(variants.Length, variants.Select(v => v.IdOrHash()).Distinct().Count());
        Assert.All(variants, v => Assert.Equal(v.IdOrHash(), (v with { }).IdOrHash()));
        Assert.All(variants, v => Assert.True(Limits.IsId(v.IdOrHash())));
    }

    [Fact]
    public void Characters_cannot_shift_between_neighbouring_fields()
    {
        string[] parts = ["", "a", "aa", "aaa", "b", "ab", "ba"];
        var ids = new HashSet<string>();
        var count = 0;
        foreach (var user in parts)
        {
            foreach (var item in parts)
            {
                foreach (var request in parts.Append(null))
                {
                    foreach (var scene in parts.Append(null))
                    {
                        ids.Add(new UserEvent { UserId = user, ItemId = item, RequestId = request, Scene = scene }.IdOrHash());
                        count++;
                    }
                }
            }
        }
        Assert.Equal(count, ids.Count);
    }

    [Fact]
    public void The_same_instant_in_another_offset_is_the_same_event() =>
        Assert.Equal(Full.IdOrHash(), (Full with { Timestamp = Full.Timestamp!.Value.ToOffset(TimeSpan.FromHours(8)) }).IdOrHash());

    [Fact]
    public void An_id_that_was_sent_is_kept() => Assert.Equal("mine", (Full with { EventId = "mine" }).IdOrHash());

    [Fact]
    public void The_hash_is_stored_and_never_changes() => Assert.Equal("h:bb681a365cf49e8c4bd58eaed93a9b02", Full.IdOrHash());
}
