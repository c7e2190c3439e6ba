using System.Buffers.Binary;
using System.Text.Json;
using CsCheck;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Ranking.Tests.Users;

[Trait("Suite", "Unit")]
public sealed class UserStateFormatTests
{
    private const long Now = 1_770_000_000_000;

    [Fact]
    public void A_state_of_format_1_keeps_what_was_seen() =>
        Gen.Select(Gen.ULong, Gen.Int[1, 0x1FF], Gen.Long[0, Now]).Array[0, 200].Sample(entries =>
        {
            entries = [.. entries.DistinctBy(e => e.Item1)];
            var first = new byte[entries.Length * 18];
            for (var i = 0; i < entries.Length; i++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(first.AsSpan(i * 18), entries[i].Item1);
                BinaryPrimitives.WriteInt64LittleEndian(first.AsSpan((i * 18) + 8), entries[i].Item3);
                BinaryPrimitives.WriteUInt16LittleEndian(first.AsSpan((i * 18) + 16), (ushort)entries[i].Item2);
            }
            // As it was stored: the name of the format is in the document.
            var state = JsonSerializer.Deserialize<UserState>($$"""{"format":1,"version":7,"seen":"{{Convert.ToBase64String(first)}}"}""", KgJson.Options)!;

            UserStateFormat.Migrate(state);

            Assert.Equal((UserState.CurrentFormat, 7L), (state.Format, state.Version));
            var seen = SeenSet.Unpack(state.Seen);
            for (var type = 0; type < 9; type++)
            {
                var rule = new SeenRule(1 << type, TimeSpan.FromMilliseconds(Now), SeenSet.Capacity);
                Assert.Equal(entries.Where(e => (e.Item2 >> type & 1) != 0).Select(e => e.Item1).Order(), seen.Select(rule, Now).Order());
            }
            var half = new SeenRule(0x1FF, TimeSpan.FromMilliseconds(Now / 2), SeenSet.Capacity);
            Assert.Equal(entries.Where(e => e.Item3 >= Now - (Now / 2)).Select(e => e.Item1).Order(), seen.Select(half, Now).Order());
        });

    [Fact]
    public void Another_migration_changes_nothing()
    {
        var set = new SeenSet();
        set.Add(42, 1, Now);
        var state = new UserState { Seen = set.Pack() };
        UserStateFormat.Migrate(state);
        Assert.Equal(set.Pack(), state.Seen);
    }

    [Fact]
    public void Format_2_gets_its_history_in_order_of_time_and_what_it_liked_counts_already()
    {
        var set = new SeenSet();
        set.Add(Key64.Of("forgotten"), (int)EventType.Comment, Now - 900);
        set.Add(Key64.Of("i1"), (int)EventType.Play, Now);
        set.Add(Key64.Of("i2"), (int)EventType.Like, Now);
        var state = JsonSerializer.Deserialize<UserState>(
            $$"""
            {"format":2,"followed":["c1"],"seen":"{{Convert.ToBase64String(set.Pack())}}","history":[
              {"itemId":"i1","type":"play","value":1,"at":{{Now - 5}},"creatorId":"c","tags":[]},
              {"itemId":"i2","type":"like","value":0,"at":{{Now - 90}},"creatorId":"c","tags":[]}]}
            """, KgJson.Options)!;

        UserStateFormat.Migrate(state);

        state = JsonSerializer.Deserialize<UserState>(JsonSerializer.Serialize(state, KgJson.Options), KgJson.Options)!;
        UserStateFormat.Migrate(state);
        Assert.Equal(["i2", "i1"], state.History.Select(h => h.ItemId));
        Assert.Equal([0L], state.FollowedAt);
        Assert.Equal([new CountedEvent("i2", Now - 90)], Mark("i2", EventType.Like, undo: true)!.TakesBack);
        Assert.Equal([new CountedEvent("forgotten", Now - 900)], Mark("forgotten", EventType.Comment, undo: true)!.TakesBack);
        Assert.True(Mark("i1", EventType.Play)!.Repeat);
        Assert.True(Mark("i2", EventType.Like)!.Repeat);
        Assert.Null(Mark("i2", EventType.Comment)!.Repeat);

        UserEvent? Mark(string item, EventType type, bool undo = false) => new EventMarks(state, SeenSet.Unpack(state.Seen)).Mark(
            new UserEvent
            {
                EventId = "e",
                UserId = "u",
                ItemId = item,
                Type = type,
                Undo = undo ? true : null,
                Value = 1,
                Timestamp = DateTimeOffset.FromUnixTimeMilliseconds(Now),
            },
            new ItemFacts(item, "c", null, ItemKind.Audio, [], []));
    }

    [Theory]
    [InlineData(23)]
    [InlineData(25)]
    public void Broken_reactions_are_refused(int bytes) =>
        Assert.Throws<FormatException>(() => UserStateFormat.Migrate(new UserState { Reactions = new byte[bytes] }));

    [Theory]
    [InlineData(UserState.CurrentFormat + 1, 0)]
    [InlineData(0, 0)]
    [InlineData(1, 17)]
    public void Unknown_formats_and_broken_content_are_refused(int format, int seenBytes) =>
        Assert.Throws<FormatException>(() => UserStateFormat.Migrate(new UserState { Format = format, Seen = new byte[seenBytes] }));
}
