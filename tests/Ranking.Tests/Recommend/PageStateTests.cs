using CsCheck;
using KgOrleans.Ranking.Recommend;

namespace KgOrleans.Ranking.Tests.Recommend;

[Trait("Suite", "Unit")]
public sealed class PageStateTests
{
    private static readonly Gen<PageState> States = Gen.Select(Gen.ULong, Gen.ULong, Gen.Int, Gen.Long, Gen.Long, Gen.ULong.Array[0, Limits.PagedItems])
        .Select((user, scene, version, at, seed, served) => new PageState(user, scene, version, at, seed, served));

    [Fact]
    public void A_state_comes_back_as_it_was_written() => States.Sample(state =>
    {
        Assert.True(PageState.TryDecode(state.Encode(), out var back));
        Assert.Equal(state with { Served = [] }, back! with { Served = state.Served.Length == 0 ? back.Served : [] }, Same);
        Assert.Equal(state.Served, back.Served);
    });

    [Fact]
    public void Every_shortened_or_lengthened_state_is_refused()
    {
        var bytes = new PageState(1, 2, 3, 4, 5, [6, 7, 8]).Encode();
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
            Assert.Equal(format == 1, PageState.TryDecode(bytes, out _));
        }
    }

    [Fact]
    public void More_works_than_a_chain_may_serve_are_refused()
    {
        Assert.True(PageState.TryDecode(new PageState(1, 2, 3, 4, 5, new ulong[Limits.PagedItems]).Encode(), out _));
        AssertRefused(new PageState(1, 2, 3, 4, 5, new ulong[Limits.PagedItems + 1]).Encode());
    }

    [Fact]
    public void Random_bytes_never_throw() => Gen.Byte.Array[0, 100].Sample(bytes =>
    {
        if (bytes.Length > 0)
            bytes[0] = 1;
        Assert.Equal(PageState.TryDecode(bytes, out var state), state is not null);
    }, iter: 2_000);

    private static bool Same(PageState a, PageState b) =>
        (a.UserKey, a.SceneKey, a.SceneVersion, a.IssuedAt, a.Seed) == (b.UserKey, b.SceneKey, b.SceneVersion, b.IssuedAt, b.Seed);

    private static void AssertRefused(byte[] bytes)
    {
        Assert.False(PageState.TryDecode(bytes, out var state));
        Assert.Null(state);
    }
}
