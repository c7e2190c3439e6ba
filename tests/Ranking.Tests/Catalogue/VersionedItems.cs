using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Tests.Catalogue;

/// <summary>Documents whose every field follows from an item number and a version, so that a row mixed from two versions shows.</summary>
internal static class VersionedItems
{
    public const int Dimension = 8;
    public static readonly PartitionSettings Settings = new(Dimension, Dimension, "space") { ChunkShift = 7 };

    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static string Id(int item) => $"i{item}";

    public static ulong Key(int item) => Key64.Of(Id(item));

    public static ulong VersionTag(int version) => Key64.Of($"v{version}");

    public static void Put(Partition partition, int item, int version) => partition.Put(Document(item, version), version, Embedding(version));

    public static ItemDocument Document(int item, int version) => new()
    {
        ItemId = Id(item),
        CreatorId = $"c{version}",
        SongId = version % 3 == 0 ? null : $"s{version}",
        Kind = (ItemKind)(version % 6),
        Tags = [$"v{version}", $"w{version % 5}"],
        Region = $"r{version}",
        Language = $"l{version}",
        Tone = $"t{version}",
        DurationSeconds = version,
        PublishedAt = Epoch.AddSeconds(version),
        Quality = Quality(version),
        CommunityIds = [$"g{version % 3}"],
        Features = new Dictionary<string, double> { ["x"] = version / 4d, [$"f{version % 3}"] = -version },
        Vectors = version % 2 == 0 ? new Dictionary<string, float[]> { [ItemValidator.ContentVector] = Content(version) } : null,
        WorldId = version % 4 == 0 ? $"world{version}" : null,
    };

    /// <summary>Asserts that a row holds one version of one item in all its columns.</summary>
    public static void AssertRow(PartitionView view, int row, int item, int version)
    {
        Assert.Equal(Id(item), view.IdOf(row));
        Assert.Equal((version, version), (view.LogPositionOf(row), view.VersionOf(row)));
        Assert.Equal(version % 4 == 0 ? Key64.Of($"world{version}") : 0, view.WorldOf(row));
        AssertFacts(view.FactsOf(row), item, version);

        var block = new ItemBlock(1, Dimension, Dimension);
        view.CopyTo(block, [row], now: 0);
        var columns = block.Rows[0];
        Assert.Equal(Id(item), block.Ids[0]);
        Assert.Equal(Key(item), columns.Key);
        Assert.Equal(Key64.Of($"c{version}"), columns.Creator);
        Assert.Equal(version % 3 == 0 ? 0 : Key64.Of($"s{version}"), columns.Song);
        Assert.Equal(Key64.Of($"r{version}"), columns.Region);
        Assert.Equal(Key64.Of($"l{version}"), columns.Language);
        Assert.Equal(Key64.Of($"t{version}"), columns.Tone);
        Assert.Equal(VersionTag(version), columns.Tags[0]);
        Assert.Equal(Key64.Of($"w{version % 5}"), columns.Tags[1]);
        Assert.Equal(0UL, columns.Tags[2]);
        Assert.Equal(Epoch.AddSeconds(version).ToUnixTimeMilliseconds(), columns.PublishedAt);
        Assert.Equal(version, columns.DurationSeconds);
        Assert.Equal((float)Quality(version), columns.Quality);
        Assert.Equal((ItemKind)(version % 6), columns.Kind);
        Assert.Equal(version % 2 == 0 ? 1 : 0, columns.HasContent);
        for (var i = 0; i < Dimension; i++)
            Assert.Equal(Embedding(version)[i], block.EmbeddingOf(0)[i], Embedding(version)[^1] / 60_000);
        if (version % 2 == 0)
            AssertUnit(block.ContentOf(0), Content(version));
        var attributes = Assert.Single(ItemAttributes.Unpack(ItemAttributes.Pack(view.AttributesOf([row])), 1)!);
        Assert.Equal([Key64.Of($"g{version % 3}")], attributes.Communities.ToArray());
        float[] features = [.. ((string[])["x", $"f{version % 3}", "y"]).Select(name => attributes.Feature(Key64.Of(name)))];
        Assert.Equal([version / 4f, -version, float.NaN], features);
    }

    private static void AssertFacts(ItemFacts facts, int item, int version)
    {
        Assert.Equal(Id(item), facts.ItemId);
        Assert.Equal($"c{version}", facts.CreatorId);
        Assert.Equal(version % 3 == 0 ? null : $"s{version}", facts.SongId);
        Assert.Equal((ItemKind)(version % 6), facts.Kind);
        Assert.Equal([$"v{version}", $"w{version % 5}"], facts.Tags);
        if (version % 2 == 0)
            AssertUnit(facts.Content, Content(version));
        else
            Assert.Empty(facts.Content);
    }

    private static void AssertUnit(ReadOnlySpan<float> actual, float[] direction)
    {
        var length = Math.Sqrt(direction.Sum(x => (double)x * x));
        for (var i = 0; i < direction.Length; i++)
            Assert.Equal(direction[i] / length, actual[i], 2e-5);
    }

    private static double Quality(int version) => version % 1_000 / 1_000d;

    private static float[] Content(int version) => [.. Enumerable.Range(0, Dimension).Select(i => 1f + ((version + i) % 17))];

    private static float[] Embedding(int version) => [.. Enumerable.Range(0, Dimension).Select(i => (version * 10f) + i)];
}
