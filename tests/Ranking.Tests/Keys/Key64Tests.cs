using CsCheck;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Tests.Keys;

[Trait("Suite", "Unit")]
public sealed class Key64Tests
{
    // Published test vectors of XxHash64 with seed 0: keys are stored and must never change.
    [Theory]
    [InlineData("", 0xEF46DB3751D8E999)]
    [InlineData("a", 0xD24EC4F1A98C6E5B)]
    [InlineData("abc", 0x44BC2CF5AD770999)]
    public void Keys_are_xxhash64_of_the_utf8(string id, ulong key) => Assert.Equal(key, Key64.Of(id));

    [Fact]
    public void A_text_longer_than_the_buffer_hashes_like_any_other()
    {
        var text = new string('全', 5_000);
        Assert.Equal(System.IO.Hashing.XxHash64.HashToUInt64(System.Text.Encoding.UTF8.GetBytes(text)), Key64.Of(text));
    }

    [Fact]
    public void Absent_ids_have_the_key_zero()
    {
        Assert.Equal(0UL, Key64.OfOptional(null));
        Assert.Equal(0UL, Key64.OfOptional(""));
        Assert.Equal(Key64.Of("x"), Key64.OfOptional("x"));
    }

    [Fact]
    public void Shards_are_contiguous_runs_of_buckets_of_nearly_equal_length()
    {
        for (var shards = 1; shards <= Key64.BucketCount; shards++)
        {
            var owners = Enumerable.Range(0, Key64.BucketCount).Select(b => Key64.Shard((ulong)b + (256UL * 77), shards)).ToArray();
            Assert.Equal(owners.Order(), owners);
            var sizes = owners.CountBy(o => o).Select(s => s.Value).ToArray();
            Assert.Equal(shards, sizes.Length);
            Assert.InRange(sizes.Max() - sizes.Min(), 0, 1);
        }
    }

    [Fact]
    public void Keys_survive_the_wire() => Gen.ULong.Array[0, 50].Sample(keys =>
        Assert.Equal(keys, Key64.FromBytes(Key64.ToBytes(keys)).ToArray()));

    [Theory]
    [InlineData("Aa0_.:-", true)]
    [InlineData("", false)]
    [InlineData(null, false)]
    [InlineData("a b", false)]
    [InlineData("a/b", false)]
    [InlineData("é", false)]
    [InlineData("a\0", false)]
    public void Ids_are_plain(string? id, bool valid) => Assert.Equal(valid, Limits.IsId(id));
}
