using CsCheck;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Ranking.Tests.Recall;

[Trait("Suite", "Unit")]
public sealed class RecallMergeTests
{
    private static readonly int[] ShardCounts = [1, 2, 3, 8, 16];

    [Fact]
    public void Winners_equal_naive_code_over_the_documents_on_any_number_of_shards() =>
        Gen.Select(Gen.Int, Gen.Int[1, 200], Gen.Int[0, 20]).Sample((seed, merge, minKeep) =>
    {
        var world = new RecallWorld(seed) { Ranker = RankerOf(seed), Calibration = CalibrationOf(seed) };
        var plan = Plan(world, merge, minKeep);
        var expected = Naive(world, plan);
        foreach (var shards in ShardCounts)
            AssertSame(expected, Merge(world, plan with { Shards = shards }));
    }, iter: 40);

    [Fact]
    public void Winners_of_a_recall_head_equal_naive_code_over_the_documents_on_any_number_of_shards() =>
        Gen.Select(Gen.Int, Gen.Int[1, 200], Gen.Int[0, 20]).Sample((seed, merge, minKeep) =>
    {
        var world = new RecallWorld(seed) { HasHead = true, Ranker = RankerOf(seed), Calibration = CalibrationOf(seed) };
        var plan = Plan(world, merge, minKeep);
        var expected = Naive(world, plan);
        foreach (var shards in ShardCounts)
            AssertSame(expected, Merge(world, plan with { Shards = shards }));
    }, iter: 40);

    [Theory]
    [InlineData(1, 300, false)]
    [InlineData(2, 40, false)]
    [InlineData(3, 600, false)]
    [InlineData(4, 300, false)]
    [InlineData(1, 300, true)]
    [InlineData(2, 40, true)]
    [InlineData(3, 600, true)]
    [InlineData(4, 300, true)]
    [InlineData(8, 200, true)]
    public void What_shards_leave_out_of_large_quotas_changes_nothing(int seed, int merge, bool hasHead)
    {
        var world = new RecallWorld(seed, 24_000)
        {
            HasHead = hasHead,
            World = null,
            Ranker = RankerOf(seed),
            Calibration = CalibrationOf(seed),
            Region = "r1",
            ColdStart = new ColdStartSettings { Impressions = 3, Days = 40, MinQuality = 0 },
        };
        world.Fill(20_000);
        world.RecallVector = [.. Enumerable.Range(1, RecallWorld.HeadDimension).Select(i => 1f / i)];
        world.Quotas = [4_000, 3_000, 2_500, 1_500, 2_000, 1_800, 1_200, 100];
        var plan = Plan(world, merge, 20);
        var expected = Naive(world, plan);
        foreach (var shards in ShardCounts)
        {
            using var scan = new RecallScan();
            var answers = Answers(world, plan with { Shards = shards }, scan: scan);
            AssertSame(expected, new RecallMerge().Run(answers, plan with { Shards = shards }));
            Assert.All(answers, a => Assert.Equal(plan.Pruning is null ? 0 : 1, a.Summary.IsPruned));
            Assert.True(plan.Pruning is null || answers.Sum(a => a.Candidates.Length) < expected.Found / 2);
        }
    }

    [Fact]
    public void Items_that_crowd_into_one_shard_are_noticed_and_asked_for_again()
    {
        var world = new RecallWorld(5, 1);
        world.Items.Clear();
        for (var i = 0; world.Items.Count < 2_000; i++)
        {
            // All items of the tag lie in the last of eight shards.
            if (Key64.Shard(Key64.Of($"i{i}"), 8) == 7)
                world.Items.Add(new RecallWorld.Item(new ItemDocument { ItemId = $"i{i}", CreatorId = "c", Tags = ["t1"] },
                    new float[RecallWorld.Dimension], [], false));
        }
        world.Interests.Clear();
        world.Interests.Add((InterestField.Tag, "t1", 1));
        world.Excluded.Clear();
        world.Blocked.Clear();
        world.World = null;
        world.Quotas = [0, 1_000, 0, 0, 0, 0, 0, 0];
        var plan = Plan(world, 500, 0) with { Shards = 8 };
        var merge = new RecallMerge();
        Assert.Null(merge.Run(Answers(world, plan), plan));
        AssertSame(Naive(world, plan), merge.Run(Answers(world, plan, whole: true), plan));
    }

    [Fact]
    public void Winners_that_crowd_into_one_shard_are_noticed_and_asked_for_again()
    {
        var world = new RecallWorld(6, 1);
        world.Items.Clear();
        for (var i = 0; i < 20_000; i++)
        {
            // What the user likes best lies in one shard alone, and every item is of the tag.
            var vector = new float[RecallWorld.Dimension];
            vector[0] = Key64.Shard(Key64.Of($"i{i}"), 8) == 3 ? 1 : -1;
            vector[1] = i % 97 / 97f;
            world.Items.Add(new RecallWorld.Item(new ItemDocument { ItemId = $"i{i}", CreatorId = "c", Tags = ["t1"] }, vector, [], false));
        }
        world.UserVector = [1, 0.1f, .. new float[RecallWorld.Dimension - 2]];
        world.Interests.Clear();
        world.Interests.Add((InterestField.Tag, "t1", 1));
        world.Excluded.Clear();
        world.Blocked.Clear();
        world.World = null;
        world.Quotas = [0, 10_000, 0, 0, 0, 0, 0, 0];
        var plan = Plan(world, 500, 0) with { Shards = 8 };
        var merge = new RecallMerge();
        Assert.Null(merge.Run(Answers(world, plan), plan));
        AssertSame(Naive(world, plan), merge.Run(Answers(world, plan, whole: true), plan));
    }

    [Fact]
    public void A_missing_shard_takes_its_share_of_quotas_and_winners_with_it()
    {
        var world = new RecallWorld(3, 24_000) { World = null };
        world.Fill(20_000);
        world.Quotas = [4_000, 1_000, 2_500, 0, 0, 0, 0, 0];
        var plan = Plan(world, 400, 20) with { Shards = 8 };
        var merged = new RecallMerge().Run(Answers(world, plan)[1..], plan);
        Assert.NotNull(merged);
        Assert.Equal(350, merged.Winners.Count);
        Assert.Equal([3_500, 875, 2_188, 0, 0, 0, 0, 0], merged.PerChannel);
    }

    [Fact]
    public void Every_candidate_names_the_shard_and_row_that_hold_it()
    {
        var world = new RecallWorld(11) { Quotas = [200, 200, 200, 200, 200, 200, 200, 200] };
        var views = Views(world, 16);
        var merged = Merge(world, Plan(world, 1_000, 5) with { Shards = 16 })!;
        Assert.NotEmpty(merged.Winners);
        Assert.All(merged.Winners, c =>
        {
            Assert.Equal(Key64.Shard(c.Key, 16), c.Shard);
            Assert.Equal(views[c.Shard].Find(c.Key), c.Row);
        });
    }

    [Fact]
    public void Items_without_a_vector_come_last_by_key()
    {
        var merged = new RecallMerge().Run([Shard([(5, 0.5f), (3, 0.5f), (9, float.NaN), (1, -2f), (4, 7f), (2, float.NaN)])],
            new MergePlan { Shards = 1, Quotas = [9, 9, 9, 0, 0, 0, 0, 0], Merge = 9, MinKeep = new int[RecallChannels.Count] })!;
        Assert.Equal([4UL, 3, 5, 1, 2, 9], merged.Winners.Select(c => c.Key));
        Assert.Equal(0, RecallMerge.RelevanceOf(merged.Winners[^1]));
        Assert.InRange(RecallMerge.RelevanceOf(merged.Winners[0]), 0.99f, 1);
    }

    [Fact]
    public void Channels_whose_quota_is_zero_and_answers_without_shards_add_nothing()
    {
        var plan = new MergePlan { Shards = 1, Quotas = new int[RecallChannels.Count], Merge = 9, MinKeep = new int[RecallChannels.Count] };
        Assert.Empty(new RecallMerge().Run([Shard([(5, 1f)])], plan)!.Winners);
        Assert.Empty(new RecallMerge().Run([], plan with { Quotas = [9, 9, 9, 9, 9, 9, 9, 9] })!.Winners);
    }

    private static PreRanker RankerOf(int seed) => (seed & 3) switch
    {
        0 or 1 => PreRanker.Towers,
        2 => PreRanker.Statistics,
        _ => PreRanker.RecallScore,
    };

    private static PreRankCalibration CalibrationOf(int seed) => (seed & 3) == 1
        ? new PreRankCalibration
        {
            Freshness = 0.5,
            FreshnessHalfLifeDays = 11.5,
            Quality = 0.3,
            Tones = new Dictionary<string, double> { ["tone1"] = 0.25 },
            Creators = new Dictionary<string, double> { ["c3"] = -1, ["nobody"] = 1 },
        }
        : new PreRankCalibration();

    private static MergePlan Plan(RecallWorld world, int merge, int minKeep) => new()
    {
        Shards = 1,
        Quotas = world.Quotas,
        Merge = merge,
        MinKeep = [.. Enumerable.Range(0, RecallChannels.Count).Select(c => minKeep + c)],
        Ranker = world.Ranker,
        Weights = [1, 2, 0.5f, 1, 3, 0, 1, 2],
    };

    [Fact]
    public void What_leads_a_channel_is_not_behind_what_stands_in_the_middle_of_several()
    {
        const int Long = 900;
        var candidates = Enumerable.Range(0, Long + 1).Select(i => new RecallCandidate((ulong)i + 1, i, float.NaN)).ToArray();
        var channels = Enumerable.Range(0, RecallChannels.Count).Select(_ => Array.Empty<ChannelEntry>()).ToArray();
        foreach (var channel in new[] { RecallChannel.Index, RecallChannel.Hot, RecallChannel.Social })
            channels[(int)channel] = [.. Enumerable.Range(0, Long).Select(i => new ChannelEntry(i, Long - i))];
        channels[(int)RecallChannel.Continue] = [new ChannelEntry(Long, 1e-6f)];
        var shard = ShardRecall.Of(0, new RecallResult(candidates, channels, default) { Zones = new ChannelZone[RecallChannels.Count] });
        var plan = new MergePlan
        {
            Shards = 1,
            Quotas = [.. Enumerable.Repeat(1_000, RecallChannels.Count)],
            Merge = Long,
            MinKeep = new int[RecallChannels.Count],
            Weights = [.. Enumerable.Repeat(1f, RecallChannels.Count)],
            Ranker = PreRanker.RecallScore,
        };
        var winners = new RecallMerge().Run([shard], plan)!.Winners;
        // Three places behind the 40th count as much as one first place.
        Assert.InRange(winners.FindIndex(w => w.Key == Long + 1), 35, 45);
        Assert.Equal(1UL, winners[0].Key);
        Assert.All(winners, w => Assert.InRange(w.Relevance, 0, 1));
    }

    private static ShardRecall Shard((ulong Key, float PreRank)[] candidates)
    {
        var entries = candidates.Select((c, i) => new ChannelEntry(i, 100 - i)).ToArray();
        return ShardRecall.Of(0, new RecallResult([.. candidates.Select((c, i) => new RecallCandidate(c.Key, i, c.PreRank))],
            [[], entries, entries, [], [], [], [], []], default)
        { Zones = new ChannelZone[RecallChannels.Count] });
    }

    private static PartitionView[] Views(RecallWorld world, int shards) =>
        [.. Enumerable.Range(0, shards).Select(shard => world.Build(key => Key64.Shard(key, shards) == shard))];

    // A scan of its own has no habits from other tests.
    private static ShardRecall[] Answers(RecallWorld world, MergePlan plan, bool whole = false, RecallScan? scan = null) =>
        [.. Views(world, plan.Shards).Select((view, shard) => ShardRecall.Of(shard, Recall(world, view, whole ? null : plan.Pruning, scan)))];

    private static RecallResult Recall(RecallWorld world, PartitionView view, RecallPruning? pruning, RecallScan? scan)
    {
        if (scan is null)
            return world.Recall(view, null, pruning);
        var results = new RecallResult?[1];
        scan.Run(view, [world.Request(null, pruning)], results);
        return results[0]!;
    }

    // Replies come in any order; the workspace has been used before.
    private static MergedRecall? Merge(RecallWorld world, MergePlan plan)
    {
        var merge = new RecallMerge();
        merge.Run([Shard([(5, 1f)])], plan with { Shards = 1 });
        return merge.Run([.. Answers(world, plan).Reverse()], plan) ?? merge.Run([.. Answers(world, plan, whole: true).Reverse()], plan);
    }

    /// <summary>What DESIGN says, over all documents at once.</summary>
    private static (List<(ulong Key, float PreRank, float[] Channels)> Winners, int Found, int[] PerChannel) Naive(RecallWorld world, MergePlan plan)
    {
        var items = world.Items.Where(i => !i.IsDeleted && world.FateOf(i, null) == "eligible").ToDictionary(i => i.Key);
        var found = new Dictionary<ulong, (float[] Scores, float Standing)>();
        var best = new ulong[RecallChannels.Count][];
        for (var channel = 0; channel < RecallChannels.Count; channel++)
        {
            var quota = world.Quotas[channel];
            var ranked = items.Values.Select(i => (i.Key, Score: world.ScoreOf((RecallChannel)channel, i))).Where(x => !float.IsNaN(x.Score))
                .OrderByDescending(x => x.Score).ThenBy(x => x.Key).Take(quota).ToArray();
            best[channel] = [.. ranked.Select(r => r.Key)];
            for (var rank = 0; rank < ranked.Length; rank++)
            {
                if (!found.TryGetValue(ranked[rank].Key, out var item))
                    found[ranked[rank].Key] = item = ([.. Enumerable.Repeat(float.NaN, RecallChannels.Count)], 0);
                item.Scores[channel] = channel is 2 or 5 ? HotScale.ToPopularity(ranked[rank].Score) : ranked[rank].Score;
                found[ranked[rank].Key] = item with { Standing = item.Standing + (plan.Weights[channel] * (20f / (20f + rank))) };
            }
        }
        var weights = plan.Weights.Where((_, c) => world.Quotas[c] > 0).Sum();
        float PreRankOf(ulong key, float standing) =>
            plan.Ranker == PreRanker.RecallScore ? standing / (weights > 0 ? weights : 1) : world.PreRankOf(items[key]);
        var order = found.Select(f => (f.Key, PreRank: PreRankOf(f.Key, f.Value.Standing), f.Value.Scores))
            .OrderBy(f => float.IsNaN(f.PreRank)).ThenByDescending(f => f.PreRank).ThenBy(f => f.Key).ToList();
        var kept = best.SelectMany((b, channel) => b.Take(Math.Min(plan.MinKeep[channel], plan.Merge / RecallChannels.Count))).ToHashSet();
        foreach (var item in order)
        {
            if (kept.Count < plan.Merge)
                kept.Add(item.Key);
        }
        return (order.FindAll(o => kept.Contains(o.Key)), found.Count, [.. best.Select(b => b.Length)]);
    }

    private static void AssertSame((List<(ulong Key, float PreRank, float[] Channels)> Winners, int Found, int[] PerChannel) expected, MergedRecall? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.PerChannel, actual.PerChannel);
        Assert.Equal(expected.Found, actual.Found);
        Assert.Equal(expected.Winners.Select(w => w.Key), actual.Winners.Select(w => w.Key));
        for (var i = 0; i < expected.Winners.Count; i++)
        {
            Assert.Equal(expected.Winners[i].PreRank, actual.Winners[i].PreRank);
            Assert.Equal(expected.Winners[i].Channels, actual.Winners[i].ChannelScores);
        }
    }
}
