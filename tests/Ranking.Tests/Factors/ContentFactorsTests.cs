using KgOrleans.Ranking.Factors;

namespace KgOrleans.Ranking.Tests.Factors;

[Trait("Suite", "Unit")]
public sealed class ContentFactorsTests
{
    [Fact]
    public void A_new_item_gets_the_vector_of_items_with_its_tags_and_one_without_known_tokens_the_mean()
    {
        var random = new Random(1);
        var tokens = new List<ContentToken[]>();
        var vectors = new float[200 * 2];
        for (var i = 0; i < 200; i++)
        {
            tokens.Add(Tokens(creator: 0, tags: [(ulong)(i % 2) + 1]));
            vectors[(2 * i) + (i % 2)] = 1 + (0.1f * random.NextSingle());
        }
        var content = ContentRegression.Fit(tokens, vectors, 2);
        var vector = new float[2];
        Assert.True(content.Predict(Tokens(creator: 9, tags: [1]), vector));
        Assert.True(vector[0] > 0.9 && Math.Abs(vector[1]) < 0.1);
        Assert.False(content.Predict(Tokens(creator: 9, tags: []), vector));
        Assert.Equal(content.Mean, vector);
    }

    [Fact]
    public void A_token_of_few_items_says_less_than_one_of_many_and_one_of_a_single_item_nothing()
    {
        var tokens = Enumerable.Range(0, 103).Select(i => Tokens(creator: i < 100 ? 1u : i < 102 ? 2u : 3u, tags: [])).ToArray();
        var vectors = Enumerable.Range(0, 103).Select(i => i < 100 ? 1f : -50f).ToArray();
        var content = ContentRegression.Fit(tokens, vectors, 1);
        Assert.Equal(2, content.Tokens.Length);
        var mean = content.Mean[0];
        var (many, few) = (new float[1], new float[1]);
        content.Predict(tokens[0], many);
        content.Predict(tokens[100], few);
        Assert.InRange((many[0] - mean) / (1 - mean), 0.9f, 1f);
        Assert.InRange((few[0] - mean) / (-50 - mean), 0.2f, 0.4f);
    }

    [Fact]
    public void Equal_ids_of_two_sorts_are_two_tokens_and_tags_weigh_as_much_however_many()
    {
        var (creator, tag) = (Tokens(creator: 7, tags: [])[0], Tokens(creator: 0, tags: [7])[0]);
        Assert.NotEqual(creator.Key, tag.Key);
        var four = Tokens(creator: 0, tags: [1, 2, 3, 4]);
        Assert.Equal(1, four.Sum(t => t.Weight * t.Weight), 1e-6);
        Assert.Equal(ContentToken.MostTags, Tokens(creator: 0, tags: [.. Enumerable.Range(1, 20).Select(t => (ulong)t)]).Length);
    }

    private static ContentToken[] Tokens(ulong creator, ulong[] tags)
    {
        var tokens = new ContentToken[ContentToken.Most];
        return tokens[..ContentToken.Fill(creator, 0, tags, 0, 0, tokens)];
    }
}
