using CsCheck;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Serving;

namespace KgOrleans.Ranking.Tests.Serving;

[Trait("Suite", "Unit")]
public sealed class PageStateTests
{
    private static readonly Gen<RuleItem> Item = Gen.Select(Gen.ULong, Gen.ULong, Gen.Byte, Gen.UInt)
        .Select((creator, song, kind, filters) => new RuleItem(creator, song, (ItemKind)kind, filters));

    private static readonly Gen<PageState> States =
        Gen.Select(
            Gen.Select(Gen.ULong, Gen.ULong, Gen.Int, Gen.Long, Gen.Long), Gen.ULong.Array[0, Limits.PagedItems], Gen.ULong,
            Item.Array[0, PageState.LongestTail], Gen.ULong.Array[0, 20])
            .Select((head, served, rules, tail, excluded) => new PageState(head.Item1, head.Item2, head.Item3, head.Item4, head.Item5, served)
            {
                RulesKey = rules,
                Tail = tail[..Math.Min(tail.Length, served.Length)],
                Excluded = excluded,
            });

    [Fact]
    public void A_state_comes_back_as_it_was_written() => States.Sample(state =>
    {
        Assert.True(PageState.TryDecode(state.Encode(), out var back));
        Assert.Equal(state with { Served = [] }, back! with { Served = state.Served.Length == 0 ? back.Served : [] }, Same);
        Assert.Equal(state.Served, back.Served);
        Assert.Equal(state.Tail, back.Tail);
        Assert.Equal(state.Excluded, back.Excluded);
    });

    [Fact]
    public void The_longest_chain_fits_into_a_token()
    {
        var longest = new PageState(1, 2, 3, 4, 5, new ulong[Limits.PagedItems]) { Tail = new RuleItem[PageState.LongestTail], Excluded = new ulong[Limits.Exclude] };
        // Signed by 32 bytes and written as base64url, it may have 17,408 characters.
        Assert.InRange((longest.Encode().Length + 32) * 4 / 3, 16_500, 17_408);
    }

    [Fact]
    public void A_tail_that_is_longer_than_what_was_served_is_refused() =>
        AssertRefused((new PageState(1, 2, 3, 4, 5, [6]) { Tail = new RuleItem[2] }).Encode());

    [Fact]
    public void Every_shortened_or_lengthened_state_is_refused()
    {
        var bytes = (new PageState(1, 2, 3, 4, 5, [6, 7, 8]) { Tail = [new RuleItem(9, 10, ItemKind.Live, 11)], Excluded = [12, 13] }).Encode();
        for (var length = 0; length < bytes.Length; length++)
            AssertRefused(bytes[..length]);
        for (var more = 1; more <= 16; more++)
            AssertRefused([.. bytes, .. new byte[more]]);
    }

    [Fact]
    public void Another_format_is_refused()
    {
        var bytes = new PageState(1, 2, 3, 4, 5, [6]).Encode();
        for (var format = 0; format < 256; format++)
        {
            bytes[0] = (byte)format;
            Assert.Equal(format == 3, PageState.TryDecode(bytes, out _));
        }
    }

    [Fact]
    public void More_items_than_a_chain_may_serve_are_refused()
    {
        Assert.True(PageState.TryDecode(new PageState(1, 2, 3, 4, 5, new ulong[Limits.PagedItems]).Encode(), out _));
        AssertRefused(new PageState(1, 2, 3, 4, 5, new ulong[Limits.PagedItems + 1]).Encode());
        AssertRefused((new PageState(1, 2, 3, 4, 5, []) { Excluded = new ulong[Limits.Exclude + 1] }).Encode());
    }

    [Fact]
    public void Random_bytes_never_throw() => Gen.Byte.Array[0, 100].Sample(bytes =>
    {
        if (bytes.Length > 0)
            bytes[0] = 3;
        Assert.Equal(PageState.TryDecode(bytes, out var state), state is not null);
    }, iter: 2_000);

    private static bool Same(PageState a, PageState b) =>
        (a.UserKey, a.SceneKey, a.SceneVersion, a.IssuedAt, a.Seed, a.RulesKey) == (b.UserKey, b.SceneKey, b.SceneVersion, b.IssuedAt, b.Seed, b.RulesKey);

    private static void AssertRefused(byte[] bytes)
    {
        Assert.False(PageState.TryDecode(bytes, out var state));
        Assert.Null(state);
    }
}
