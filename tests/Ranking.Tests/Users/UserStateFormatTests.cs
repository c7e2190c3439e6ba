using System.Buffers.Binary;
using System.Text.Json;
using CsCheck;
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

    [Theory]
    [InlineData(UserState.CurrentFormat + 1, 0)]
    [InlineData(0, 0)]
    [InlineData(1, 17)]
    public void Unknown_formats_and_broken_content_are_refused(int format, int seenBytes) =>
        Assert.Throws<FormatException>(() => UserStateFormat.Migrate(new UserState { Format = format, Seen = new byte[seenBytes] }));
}
