using CsCheck;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Recommend;
using KgOrleans.Ranking.Tests.Catalogue;

namespace KgOrleans.Ranking.Tests.Recommend;

[Trait("Suite", "Unit")]
public sealed class RecallMergeTests
{
    [Fact]
    public void The_answer_does_not_depend_on_the_number_of_shards() => Gen.Int.Sample(seed =>
    {
        var world = new RecallWorld(seed);
        var expected = Describe(Merge(world, 1));
        foreach (var shards in new[] { 2, 8, 16, 256 })
            Assert.Equal(expected, Describe(Merge(world, shards)));
    }, iter: 12);

    [Fact]
    public void Each_channel_gives_its_global_best_with_scores_and_standing() => Gen.Int.Sample(seed =>
    {
        var world = new RecallWorld(seed);
        var merged = Merge(world, 8).ToDictionary(c => c.Key);
        var eligible = world.Items.Where(i => !i.IsDeleted && world.FateOf(i, null) == "eligible").ToList();
        var standings = new Dictionary<ulong, float>();
        Func<RecallWorld.Item, float>[] scores = [world.ModelScore, world.IndexScore, world.HotScore];
        for (var channel = 0; channel < RecallMerge.ChannelCount; channel++)
        {
            var best = eligible.Select(i => (i.Key, Score: scores[channel](i))).Where(x => !float.IsNaN(x.Score))
                .OrderByDescending(x => x.Score).ThenBy(x => x.Key).Take(world.Quotas[channel]).ToList();
            Assert.Equal(best.Select(b => b.Key).Order(), merged.Values.Where(c => !float.IsNaN(c.ChannelScores[channel])).Select(c => c.Key).Order());
            for (var rank = 0; rank < best.Count; rank++)
            {
                Assert.Equal(best[rank].Score, merged[best[rank].Key].ChannelScores[channel]);
                standings[best[rank].Key] = Math.Max(standings.GetValueOrDefault(best[rank].Key), 1 - ((float)rank / world.Quotas[channel]));
            }
        }
        Assert.Equal(standings.Count, merged.Count);
        Assert.All(merged.Values, c => Assert.Equal(standings[c.Key], c.Standing));
    }, iter: 40);

    [Fact]
    public void Every_candidate_names_the_shard_and_row_that_hold_it()
    {
        var world = new RecallWorld(11) { Quotas = [200, 200, 200] };
        var views = Views(world, 16);
        var merged = Merge(world, 16);
        Assert.NotEmpty(merged);
        Assert.All(merged, c =>
        {
            Assert.Equal(ItemKey.Shard(c.Key, 16), c.Shard);
            Assert.Equal(views[c.Shard].Find(c.Key), c.Row);
        });
    }

    [Fact]
    public void Works_are_ordered_by_pre_rank_then_key_and_works_without_a_vector_come_last()
    {
        var merged = RecallMerge.Merge([Shard([(5, 0.5f), (3, 0.5f), (9, float.NaN), (1, -2f), (4, 7f)])], [9, 9, 9]);
        Assert.Equal([4UL, 3, 5, 1, 9], merged.Select(c => c.Key));
    }

    [Fact]
    public void Without_a_model_works_are_ordered_by_standing_then_key()
    {
        var merged = RecallMerge.Merge([Shard([(5, float.NaN), (3, float.NaN), (9, float.NaN)])], [0, 9, 2]);
        Assert.Equal([5UL, 3, 9], merged.Select(c => c.Key));
        Assert.Equal([1f, 1 - (1f / 9), 1 - (2f / 9)], merged.Select(c => c.Standing));
        Assert.Equal(merged.Select(c => c.Standing), merged.Select(RecallMerge.Relevance));
        Assert.True(float.IsNaN(merged[2].ChannelScores[(int)RecallChannel.Hot]));
        Assert.True(float.IsNaN(merged[0].ChannelScores[(int)RecallChannel.Model]));
    }

    [Fact]
    public void Channels_whose_quota_is_zero_and_answers_without_shards_add_nothing()
    {
        Assert.Empty(RecallMerge.Merge([Shard([(5, 1f)])], [0, 0, 0]));
        Assert.Empty(RecallMerge.Merge([], [9, 9, 9]));
    }

    [Fact]
    public void Cutting_keeps_the_order_the_size_and_every_channels_best() => Gen.Select(Gen.Int, Gen.Int[3, 120], Gen.Int[0, 20]).Sample((seed, keep, minKeep) =>
    {
        var world = new RecallWorld(seed) { Quotas = [90, 70, 80] };
        var merged = Merge(world, 1);
        var cut = RecallMerge.Cut(merged, keep, minKeep);
        Assert.Equal(Math.Min(keep, merged.Count), cut.Count);
        var kept = cut.Select(c => c.Key).ToHashSet();
        Assert.Equal(merged.Where(c => kept.Contains(c.Key)), cut);

        var best = new HashSet<ulong>();
        for (var channel = 0; channel < RecallMerge.ChannelCount; channel++)
            best.UnionWith(merged.Where(c => !float.IsNaN(c.ChannelScores[channel])).OrderByDescending(c => c.ChannelScores[channel]).ThenBy(c => c.Key)
                .Take(Math.Min(minKeep, keep / 3)).Select(c => c.Key));
        Assert.Superset(best, kept);
        // Whoever was not saved by a channel is there for the score: nobody better was left out.
        var last = cut.FindLastIndex(c => !best.Contains(c.Key));
        if (cut.Count < merged.Count && last >= 0)
            Assert.All(merged.TakeWhile(c => c != cut[last]), c => Assert.Contains(c.Key, kept));
    }, iter: 60);

    private static ShardRecall Shard((ulong Key, float PreRank)[] candidates)
    {
        var entries = candidates.Select((c, i) => new ChannelEntry(i, 100 - i)).ToArray();
        var model = entries.Where(e => !float.IsNaN(candidates[e.Candidate].PreRank)).ToArray();
        return new ShardRecall(0, candidates.Select((c, i) => new RecallCandidate(c.Key, i, c.PreRank)).ToArray(), [model, entries, entries]);
    }

    private static PartitionView[] Views(RecallWorld world, int shards) =>
        [.. Enumerable.Range(0, shards).Select(shard => world.Build(key => ItemKey.Shard(key, shards) == shard))];

    private static List<MergedCandidate> Merge(RecallWorld world, int shards)
    {
        var answers = Views(world, shards).Select((view, shard) =>
        {
            var result = world.Recall(view);
            return new ShardRecall(shard, result.Candidates, Array.ConvertAll(result.Channels, c => (ReadOnlyMemory<ChannelEntry>)c));
        });
        // Replies come in any order.
        return RecallMerge.Merge([.. answers.Reverse()], world.Quotas);
    }

    private static string[] Describe(List<MergedCandidate> merged) =>
        [.. merged.Select(c => $"{c.Key} {BitConverter.SingleToInt32Bits(c.PreRank)} {string.Join(' ', c.ChannelScores.Select(BitConverter.SingleToInt32Bits))} {BitConverter.SingleToInt32Bits(c.Standing)}")];
}
