using CsCheck;
using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Tests.Items;

[Trait("Suite", "Unit")]
public sealed class ContentVectorsTests
{
    private const int Dimension = 64;

    [Fact]
    public void Vectors_are_deterministic_and_of_unit_length() =>
        Gen.Select(Gen.ULong.Array[0, 12], Gen.ULong, Gen.Int[1, 300]).Sample((tags, creator, dimension) =>
    {
        var (a, b) = (new float[dimension], Enumerable.Repeat(float.NaN, dimension).ToArray());
        ContentVectors.FromKeys(tags, creator, a);
        ContentVectors.FromKeys(tags, creator, b);
        Assert.Equal(a, b);
        Assert.Equal(1, a.Sum(x => (double)x * x), 1e-5);
    });

    [Fact]
    public void Shared_tags_make_items_similar_more_than_a_shared_creator_and_strangers_are_not() => Gen.Int[0, 10_000].Sample(seed =>
    {
        var random = new Random(seed);
        var keys = Enumerable.Range(0, 8).Select(_ => (ulong)random.NextInt64()).ToArray();
        var item = Vector([keys[0], keys[1]], keys[2]);
        var sameTags = Cosine(item, Vector([keys[0], keys[1]], keys[3]));
        var sameTag = Cosine(item, Vector([keys[0], keys[4]], keys[3]));
        var sameCreator = Cosine(item, Vector([keys[4], keys[5]], keys[2]));
        var stranger = Cosine(item, Vector([keys[4], keys[5]], keys[3]));
        // Expected 0.89, 0.44, 0.11 and 0; directions of random keys have cosines of standard deviation 1/8.
        Assert.True(sameTags > 0.6, $"{sameTags}");
        Assert.True(sameTags > sameTag && sameTags > sameCreator && sameTags > stranger);
        Assert.InRange(stranger, -0.6, 0.6);
    }, iter: 100);

    [Fact]
    public void Keys_of_zero_stand_for_no_tag() =>
        Assert.Equal(Vector([5, 6], 7), Vector([5, 0, 6, 0], 7));

    [Fact]
    public void A_vector_that_was_given_is_normalised_and_one_without_a_direction_is_replaced()
    {
        var given = Describe([3, 0, 4]);
        Assert.Equal((1, 0.6f, 0f, 0.8f), (given.Row.HasContent, given.Content[0], given.Content[1], given.Content[2]));
        var made = new float[3];
        ContentVectors.FromKeys([Key64.Of("t")], Key64.Of("c"), made);
        foreach (var useless in new float[]?[] { null, [0, 0, 0], [1, 2] })
        {
            var (row, content) = Describe(useless);
            Assert.Equal(0, row.HasContent);
            Assert.Equal(made, content);
        }
    }

    [Fact]
    public void Columns_of_a_block_equal_columns_of_a_document_and_unknown_numbers_are_nan()
    {
        var document = new ItemDocument { ItemId = "i", CreatorId = "c", Tags = ["t", "u", "t"] };
        var block = ItemColumns.Block([document], 3, 2);
        var row = block.Rows[0];
        Assert.Equal(("i", Key64.Of("i"), Key64.Of("t"), Key64.Of("u"), 0UL), (block.Ids[0], row.Key, row.Tags[0], row.Tags[1], row.Tags[2]));
        Assert.Equal((0UL, long.MinValue, float.NaN, float.NaN), (row.Song, row.PublishedAt, row.Quality, row.DurationSeconds));
        Assert.Equal(Vector([Key64.Of("t"), Key64.Of("u")], Key64.Of("c"), 3), block.ContentOf(0).ToArray());
    }

    private static (ItemRow Row, float[] Content) Describe(float[]? vector)
    {
        var document = new ItemDocument
        {
            ItemId = "i",
            CreatorId = "c",
            Tags = ["t"],
            Vectors = vector is null ? null : new Dictionary<string, float[]> { [ItemValidator.ContentVector] = vector },
        };
        var row = default(ItemRow);
        var content = new float[3];
        ItemColumns.Describe(document, ItemColumns.TagKeys(document), ref row, content);
        return (row, content);
    }

    private static float[] Vector(ulong[] tags, ulong creator, int dimension = Dimension)
    {
        var vector = new float[dimension];
        ContentVectors.FromKeys(tags, creator, vector);
        return vector;
    }

    private static float Cosine(float[] a, float[] b) => DotProduct.Single(a, b);
}
