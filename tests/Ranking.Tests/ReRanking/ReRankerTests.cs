using CsCheck;
using KgOrleans.Kernels.Diversity;
using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Scoring;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Ranking.Tests.ReRanking;

[Trait("Suite", "Unit")]
public sealed class ReRankerTests
{
    private const int Dimension = 8;
    private static readonly RuleSet NoRules = new([], [], [], []);
    private static readonly Gen<DiversityMethod> Method = Gen.Enum<DiversityMethod>();

    [Fact]
    public void Without_rules_a_page_is_what_the_kernel_of_its_method_picks() =>
        Gen.Select(Method, Gen.Int[1, 40], Gen.Int[1, 20], Gen.Int[1, 8], Gen.Float[0, 0.95f], Gen.Int[0, 100_000])
            .Sample((method, count, length, window, theta, seed) =>
        {
            var block = Block(count, seed);
            var relevance = Relevance(count);
            var outcome = new ReRanker().Pick(Input(block, relevance, new DiversitySettings(method, theta, window, 0.1f), length));
            var expected = new int[Math.Min(length, count)];
            var gains = new double[expected.Length];
            var vectors = Similarity(block);
            float[] quality = [.. relevance.Select(r => GreedyDpp.Quality(r, theta))];
            var honest = expected.Length;
            switch (method)
            {
                case DiversityMethod.Dpp:
                    honest = new GreedyDpp().Select(vectors, Dimension + 6, quality, expected.Length, window, expected, gains).Honest;
                    break;
                case DiversityMethod.Mmr:
                    new MarginalRelevance().Select(vectors, Dimension + 6, relevance, theta, expected.Length, window, expected, gains);
                    break;
                case DiversityMethod.Scatter:
                    new EmbeddingScatter().Select(vectors, Dimension + 6, relevance, theta, expected.Length, window, expected, gains);
                    break;
                default:
                    expected = [.. Enumerable.Range(0, expected.Length)];
                    break;
            }
            Assert.Equal(expected[..honest], outcome.Items.Take(honest).Select(w => w.Row));
            Assert.Equal(Enumerable.Range(0, honest), outcome.Items.Take(honest).Select(w => w.Preferred));
            for (var i = 0; i < honest; i++)
            {
                if (method == DiversityMethod.None)
                    Assert.Null(outcome.Items[i].Gain);
                else
                    Assert.Equal(gains[i], outcome.Items[i].Gain!.Value, 1e-3);
            }
        }, iter: 400);

    [Fact]
    public void Whatever_is_served_obeys_the_rules_and_diversity_is_weighed_against_what_was_really_served() =>
        Gen.Select(RuleCase.Any, Method, Gen.Int[1, 6], Gen.Int[0, 100_000]).Sample((c, method, window, seed) =>
        {
            var count = c.Items.Length;
            var block = Block(count, seed);
            var keep = count - (seed % 3 * count / 4);
            var settings = new DiversitySettings(method, 0.6f, window, 0.1f);
            var input = Input(block, Relevance(count)[..keep], settings, c.Length) with
            {
                Rules = c.Rules,
                RuleItems = c.Items,
                Shares = c.Shares,
                ServedItems = c.Context,
                Served = Block(c.Context.Length, seed + 1),
                Pins = c.Pins,
            };
            var outcome = new ReRanker().Pick(input);

            // The same page again, position by position: a fresh step that starts from all items before it values the candidates, and the rules choose.
            var state = new RuleState();
            state.Begin(c.Rules, c.Items, c.Shares, c.Context, c.Length, c.Pins);
            var before = Concat(input.Served!, block, []);
            var taken = new List<int>();
            while (!state.IsComplete)
            {
                var step = new DiversitySelector();
                step.Begin(settings, block, input.Order.AsSpan(0, keep), input.Relevance, [], before, c.Length);
                var values = new float[count];
                step.Values().CopyTo(values);
                for (var i = keep; i < count; i++)
                    values[i] = -1_000 - i;
                foreach (var i in taken)
                    values[i] = float.NegativeInfinity;
                var item = outcome.Items[state.Position];
                var pick = state.Choose(values, out _);
                // Rounding decides between items that are worth the same.
                if (pick != item.Row)
                    Assert.Equal(values[pick], values[item.Row], 1e-4f);
                Assert.Equal(state.Pinned >= 0, item.IsPinned);
                state.Place(item.Row);
                taken.Add(item.Row);
                before = Concat(input.Served!, block, taken);
            }
            Assert.Equal(taken.Count, outcome.Items.Length);
            Assert.Equal(state.Relaxed.ToArray(), outcome.Relaxed);
        }, iter: 1_000);

    [Fact]
    public void Items_behind_those_that_are_kept_serve_only_where_rules_need_them()
    {
        var block = Block(6, 1);
        RuleItem[] items = [new(1, 0, 0, 0), new(1, 0, 0, 0), new(1, 0, 0, 0), new(2, 0, 0, 0), new(3, 0, 0, 0), new(4, 0, 0, 0)];
        var input = Input(block, [1, 0.9f, 0.8f], new DiversitySettings(DiversityMethod.Dpp, 0.9f, 4, 0.1f), 4);
        Assert.Equal([0, 1, 2], new ReRanker().Pick(input with { RuleItems = items, Length = 3 }).Items.Select(w => w.Row).Order());
        var rules = RuleCase.Set([new WindowRule { Field = "creatorId", Max = 1, In = 2 }], []);
        var page = new ReRanker().Pick(input with { RuleItems = items, Rules = rules }).Items;
        Assert.Equal([0, 3], [page[0].Row, page[1].Row]);
        Assert.Equal(2, page.Count(w => w.Row < 3));
        Assert.Null(page[1].Gain);
        Assert.Equal(3, page[1].Preferred);
    }

    [Theory]
    [InlineData(DiversityMethod.Dpp)]
    [InlineData(DiversityMethod.Mmr)]
    [InlineData(DiversityMethod.Scatter)]
    public void A_copy_of_the_last_served_item_does_not_come_first(DiversityMethod method)
    {
        var block = Block(4, 5);
        var served = new ItemBlock(1, Dimension, 0);
        served.CopyRow(0, block, 0);
        var input = Input(block, [1, 0.95f, 0.9f, 0.85f], new DiversitySettings(method, 0.5f, 4, 0.1f), 2);
        Assert.Equal(0, new ReRanker().Pick(input).Items[0].Row);
        Assert.NotEqual(0, new ReRanker().Pick(input with { Served = served }).Items[0].Row);
    }

    [Theory]
    [InlineData(DiversityMethod.Dpp)]
    [InlineData(DiversityMethod.Mmr)]
    [InlineData(DiversityMethod.Scatter)]
    [InlineData(DiversityMethod.None)]
    public void Traffic_weights_lift_items(DiversityMethod method)
    {
        var input = Input(Block(20, 3), Relevance(20), new DiversitySettings(method, 0.8f, 3, 0.1f), 20);
        int PositionOf(int row, ReRankInput i) => Array.FindIndex(new ReRanker().Pick(i).Items, w => w.Row == row);
        float[] weights = [.. Enumerable.Range(0, 20).Select(i => i == 12 ? 8f : 1)];
        Assert.True(PositionOf(12, input with { Weights = weights }) < PositionOf(12, input));
    }

    [Fact]
    public void Breadth_is_the_normalised_entropy_of_the_tags_and_moves_theta()
    {
        static UserSnapshot With(params float[] weights) =>
            new() { UserId = "u", Tags = [.. weights.Select((w, i) => new WeightedInterest($"t{i}", (ulong)i + 1, w))] };
        Assert.Equal(1, TasteBreadth.Of(With(2, 2, 2)), 1e-9);
        Assert.Equal(0, TasteBreadth.Of(With(2)));
        Assert.Equal(0.5, TasteBreadth.Of(With()));
        Assert.Equal(((0.75 * Math.Log(4.0 / 3)) + (0.25 * Math.Log(4))) / Math.Log(2), TasteBreadth.Of(With(3, 1)), 1e-9);
        Assert.Equal(0.5f, TasteBreadth.ThetaFor(0.7, 0.4, With(1, 1)), 1e-6f);
        Assert.Equal(0.9f, TasteBreadth.ThetaFor(0.7, 0.4, With(1)), 1e-6f);
        Assert.Equal(0.98f, TasteBreadth.ThetaFor(0.9, 1, With(1)));
        Assert.Equal(0f, TasteBreadth.ThetaFor(0.1, 1, With(1, 1)));
        Assert.Equal(0.7f, TasteBreadth.ThetaFor(0.7, 0, With(1)));
    }

    [Fact]
    public void Weights_of_all_classes_that_hold_an_item_are_multiplied()
    {
        static ItemFilter Filter(object json) => ItemFilter.Parse(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(json));
        var rows = new ItemRow[3];
        (rows[0].Kind, rows[1].Kind) = (ItemKind.Live, ItemKind.Live);
        (rows[0].Quality, rows[1].Quality, rows[2].Quality) = (0.9f, 0.1f, 0.9f);
        var weights = new float[3];
        TrafficWeights.Fill([(Filter(new { field = "kind", eq = "live" }), 2), (Filter(new { field = "quality", gt = 0.5 }), 3)], rows, 0, weights);
        Assert.Equal([6, 2, 3], weights);
        TrafficWeights.Fill([(Filter(new { field = "kind", eq = "live" }), 0)], rows, 0, weights);
        Assert.Equal([0, 0, 1], weights);
    }

    private static ReRankInput Input(ItemBlock block, float[] relevance, DiversitySettings diversity, int length) => new()
    {
        Block = block,
        Order = [.. Enumerable.Range(0, block.Count)],
        Keep = relevance.Length,
        Relevance = relevance,
        Diversity = diversity,
        Rules = NoRules,
        RuleItems = new RuleItem[block.Count],
        Length = length,
    };

    private static float[] Relevance(int count) => [.. Enumerable.Range(0, count).Select(i => 1 - (i / (float)Math.Max(1, count)))];

    private static ItemBlock Block(int count, int seed)
    {
        var random = new Random(seed);
        var block = new ItemBlock(count, Dimension, 0);
        for (var i = 0; i < count; i++)
        {
            block.Rows[i].Kind = (ItemKind)random.Next(3);
            foreach (ref var x in block.ContentOf(i))
                x = random.NextSingle() - 0.5f;
            VectorMath.Normalise(block.ContentOf(i));
        }
        return block;
    }

    private static float[] Similarity(ItemBlock block)
    {
        var vectors = new float[block.Count * (Dimension + 6)];
        for (var i = 0; i < block.Count; i++)
            KindPrior.Fill(block.ContentOf(i), (int)block.Rows[i].Kind, 0.1f, vectors.AsSpan(i * (Dimension + 6), Dimension + 6));
        return vectors;
    }

    private static ItemBlock Concat(ItemBlock served, ItemBlock block, List<int> rows)
    {
        var all = new ItemBlock(served.Count + rows.Count, Dimension, 0);
        for (var i = 0; i < served.Count; i++)
            all.CopyRow(i, served, i);
        for (var i = 0; i < rows.Count; i++)
            all.CopyRow(served.Count + i, block, rows[i]);
        return all;
    }
}
