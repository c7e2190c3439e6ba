using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Serving;
using KgOrleans.Ranking.Users;
using KgOrleans.TestSupport;

namespace KgOrleans.Inference.Tests;

[Trait("Suite", "Unit")]
public sealed class RankerTests : IDisposable
{
    private readonly Inference.Bundles.ModelBundle _bundle = DemoBundle.Load();

    public void Dispose() => _bundle.Dispose();

    [Fact]
    public void An_items_logits_are_the_same_bits_in_every_batch_and_position()
    {
        var items = Samples.Items(300, seed: 1);
        var all = Score(items);
        foreach (var i in (int[])[0, 1, 63, 127, 128, 255, 256, 299])
        {
            var alone = new ItemBlock(1, Samples.ContentDimension, 0);
            alone.CopyRow(0, items, i);
            Assert.Equal(Row(all, i), Score(alone));

            foreach (var position in (int[])[1, 5, 77, 126])
            {
                var others = Samples.Items(position + 1, seed: 100 + i);
                others.CopyRow(position, items, i);
                Assert.Equal(Row(all, i), Row(Score(others), position));
            }
        }
    }

    [Fact]
    public void Parts_of_a_block_have_the_logits_of_the_whole_to_the_bit()
    {
        var (batch, width) = (_bundle.Ranker!.BatchSize, _bundle.Ranker!.ObjectiveCount);
        var items = Samples.Items((2 * batch) + 3, seed: 4);
        var all = Score(items);
        foreach (var (first, count) in ((int, int)[])[(0, batch), (batch, batch + 3), (5, 7), (items.Count, 0)])
        {
            var part = new float[count * width];
            _bundle.Ranker!.Score(Samples.User(), items, first, count, new RequestContext(Samples.Now), part);
            Assert.Equal(all.AsSpan(first * width, count * width).ToArray(), part);
        }
        Assert.Throws<ArgumentOutOfRangeException>("count", () =>
            _bundle.Ranker!.Score(Samples.User(), items, 1, items.Count, new RequestContext(Samples.Now), all));
    }

    [Fact]
    public void Items_and_users_change_the_logits()
    {
        var items = Samples.Items(2, seed: 1);
        var known = Score(items);
        var unknown = new float[known.Length];
        _bundle.Ranker!.Score(UserSnapshot.Unknown("u2"), items, new RequestContext(Samples.Now), unknown);

        Assert.NotEqual(Row(known, 0), Row(known, 1));
        Assert.NotEqual(known, unknown);
    }

    [Fact]
    public void The_callers_hour_changes_the_logits_and_a_context_without_one_changes_no_bit()
    {
        var items = Samples.Items(3, seed: 1);
        var plain = Score(items);
        float[] With(ServingContext caller)
        {
            var logits = new float[plain.Length];
            _bundle.Ranker!.Score(Samples.User(), items, new RequestContext(Samples.Now, caller), logits);
            return logits;
        }
        Assert.NotEqual(plain, With(new ServingContext { Hour = 23 }));
        Assert.NotEqual(With(new ServingContext { Hour = 11 }), With(new ServingContext { Hour = 23 }));
        Assert.Equal(plain, With(new ServingContext { Device = "phone", City = "GD", SongId = "s1" }));
    }

    [Fact]
    public void Counters_change_the_logits_and_not_the_item_vectors()
    {
        var items = Samples.Items(1, seed: 1);
        var (logits, vector) = (Score(items), Embed(items));
        items.Rows[0].Plays += 500;
        items.Rows[0].Hot += 500;
        items.Rows[0].PublishedAt -= 30L * 86_400_000;

        Assert.NotEqual(logits, Score(items));
        Assert.Equal(vector, Embed(items));
    }

    [Fact]
    public void Item_vectors_are_the_same_bits_in_every_batch_and_position()
    {
        var items = Samples.Items(200, seed: 1);
        var all = Embed(items);
        foreach (var i in (int[])[0, 127, 128, 199])
        {
            var alone = new ItemBlock(1, Samples.ContentDimension, 0);
            alone.CopyRow(0, items, i);
            Assert.Equal(all.AsSpan(i * _bundle.EmbeddingDimension, _bundle.EmbeddingDimension).ToArray(), Embed(alone));
        }
    }

    [Fact]
    public void Ids_that_the_bundle_does_not_know_count_as_none()
    {
        var items = Samples.Items(1, seed: 1);
        (items.Rows[0].Creator, items.Rows[0].Song) = (Key64.Of("nobody-knows"), Key64.Of("this"));
        var unknown = Embed(items);
        (items.Rows[0].Creator, items.Rows[0].Song) = (0, 0);

        Assert.Equal(Embed(items), unknown);
        items.Rows[0].Creator = Key64.Of("c0001");
        Assert.NotEqual(Embed(items), unknown);
    }

    [Fact]
    public void Heads_fuse_with_the_scenes_weights()
    {
        var items = Samples.Items(1, seed: 1);
        var heads = _bundle.UserTower.Compute(Samples.User(), Samples.Now);
        var vector = Embed(items);
        Span<float> user = stackalloc float[_bundle.EmbeddingDimension];

        ScenePreRank.Fuse(heads, _bundle.Objectives, new Dictionary<string, double> { ["play"] = 1, ["share"] = 0.25, ["gift"] = 7 }, user);

        double play = 0, share = 0, fused = 0;
        for (var i = 0; i < user.Length; i++)
        {
            play += heads[i] * vector[i];
            share += heads[(2 * user.Length) + i] * vector[i];
            fused += user[i] * vector[i];
        }
        Assert.Equal(play + (0.25 * share), fused, 1e-4);
        Assert.NotEqual(play, share, 1e-2);
    }

    [Fact]
    public void A_warm_ranker_allocates_next_to_nothing()
    {
        var items = Samples.Items(300, seed: 1);
        var user = Samples.User();
        var logits = new float[900];
        var heads = new float[_bundle.UserTower.HeadsLength];
        // The runtime's own wrapper makes a few small objects a run; nothing here grows with rows or features.
        Assert.InRange(Allocations.AfterWarmUp(Run, runs: 1), 0, 2_000);

        void Run()
        {
            _bundle.Ranker!.Score(user, items, new RequestContext(Samples.Now), logits);
            _bundle.UserTower.Compute(user, Samples.Now, heads);
        }
    }

    [Fact]
    public async Task Many_threads_get_what_one_thread_gets()
    {
        var lists = Enumerable.Range(0, 8).Select(n => Samples.Items(150, n)).ToArray();
        var expected = Array.ConvertAll(lists, Score);

        var found = await Task.WhenAll(Enumerable.Range(0, 32).Select(n => Task.Run(() => Score(lists[n % lists.Length]))));

        for (var n = 0; n < found.Length; n++)
            Assert.Equal(expected[n % lists.Length], found[n]);
    }

    [Fact]
    public async Task Disposal_lets_calls_end_and_refuses_later_ones()
    {
        var items = Samples.Items(2_000, seed: 1);
        var expected = Score(items);
        var calls = Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            try
            {
                return Score(items);
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
        })).ToArray();

        _bundle.Dispose();

        Assert.All(await Task.WhenAll(calls), logits => Assert.True(logits is null || logits.AsSpan().SequenceEqual(expected)));
        Assert.Throws<ObjectDisposedException>(() => Score(items));
        Assert.Throws<ObjectDisposedException>(() => _bundle.UserTower.Compute(Samples.User(), Samples.Now));
    }

    [Fact]
    public void A_destination_that_is_too_short_is_refused()
    {
        Assert.Throws<ArgumentException>(() => _bundle.Ranker!.Score(Samples.User(), Samples.Items(2, 1), new RequestContext(Samples.Now), new float[5]));
        Assert.Throws<ArgumentException>(() => _bundle.ItemTower.Compute(Samples.Items(2, 1), new float[127]));
        Assert.Throws<ArgumentException>(() => _bundle.UserTower.Compute(Samples.User(), Samples.Now, new float[191]));
    }

    private float[] Score(ItemBlock items)
    {
        var logits = new float[items.Count * _bundle.Ranker!.ObjectiveCount];
        _bundle.Ranker!.Score(Samples.User(), items, new RequestContext(Samples.Now), logits);
        return logits;
    }

    private float[] Embed(ItemBlock items)
    {
        var vectors = new float[items.Count * _bundle.ItemTower.Dimension];
        _bundle.ItemTower.Compute(items, vectors);
        return vectors;
    }

    private float[] Row(float[] logits, int i) => logits.AsSpan(i * _bundle.Ranker!.ObjectiveCount, _bundle.Ranker!.ObjectiveCount).ToArray();
}
