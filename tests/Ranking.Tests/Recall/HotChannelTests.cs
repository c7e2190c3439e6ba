using CsCheck;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Tests.Catalogue;

namespace KgOrleans.Ranking.Tests.Recall;

[Trait("Suite", "Unit")]
public sealed class HotChannelTests
{
    private const long Start = 1_770_000_000_000;
    private const long Minute = 60_000;

    [Fact]
    public void Scores_that_are_used_again_are_those_of_the_counters_of_the_view() => Gen.Select(Gen.Int, Gen.Int[6, 9]).Sample((seed, shift) =>
    {
        var random = new Random(seed);
        using var partition = new Partition(new PartitionSettings(0, 0, null) { ChunkShift = shift });
        var held = new List<PartitionView>();
        for (var publication = 0; publication < 12; publication++)
        {
            for (var i = random.Next(200); i > 0; i--)
                partition.Put(new ItemDocument { ItemId = $"i{random.Next(700)}", CreatorId = "c", Quality = random.Next(5) / 4d }, i, []);
            for (var i = random.Next(20); i > 0; i--)
                partition.Count(Key64.Of($"i{random.Next(700)}"), EventType.Play, 1, Start + (random.Next(100) * Minute));
            if (random.Next(3) == 0)
                partition.Delete(Key64.Of($"i{random.Next(700)}"));
            held.Add(partition.PublishView(publication));
            // Older views are asked again, at the same and at other times.
            for (var times = 0; times < 3; times++)
                AssertHot(held[random.Next(2) == 0 ? held.Count - 1 : random.Next(held.Count)], Start + (random.Next(2) * Minute), random.Next(1, 900));
        }
        held.ForEach(view => view.Dispose());
    }, iter: 60);

    [Fact]
    public void The_order_by_popularity_is_that_of_decayed_popularity_at_any_time() => Gen.Int.Sample(seed =>
    {
        var random = new Random(seed);
        var items = Enumerable.Range(0, 40).Select(_ =>
        {
            var counters = default(ItemCounters);
            for (var i = random.Next(1, 6); i > 0; i--)
                counters.Add(EventType.Play, 1, Start - (random.Next(10_000) * Minute));
            return (Counters: counters, Score: counters.HotOrder(0.5f));
        }).OrderByDescending(w => w.Score).ToArray();
        foreach (var now in new[] { Start, Start + Minute, Start + (100_000 * Minute) })
        {
            for (var i = 0; i < items.Length; i++)
            {
                var hot = items[i].Counters.Hot(now);
                Assert.InRange(HotScale.ToPopularity(items[i].Score, now), hot * 0.9995, hot * 1.0005);
                if (i > 0)
                    Assert.True(hot <= items[i - 1].Counters.Hot(now) * 1.0005);
            }
        }
    }, iter: 50);

    [Fact]
    public void Items_that_nobody_met_stand_behind_all_others_by_quality()
    {
        var met = default(ItemCounters);
        met.Add(EventType.Play, 1, 0);
        var unmet = default(ItemCounters);
        unmet.Add(EventType.Impression, 0, Start);
        Assert.True(met.HotOrder(0) > unmet.HotOrder(1));
        Assert.True(unmet.HotOrder(1) > unmet.HotOrder(0.5f));
        Assert.Equal(5e-4f, HotScale.ToPopularity(unmet.HotOrder(0.5f), Start), 1e-6f);
    }

    private static void AssertHot(PartitionView view, long now, int quota)
    {
        var result = PartitionRecall.Run(view, new RecallRequest { Now = Start, ScoreTime = now, OldestPublishedAt = 0, World = 0, Quotas = [0, 0, quota] });
        var expected = new List<(ulong Key, float Score)>();
        for (var item = 0; item < 700; item++)
        {
            var key = Key64.Of($"i{item}");
            if (view.Find(key) is >= 0 and var row)
                expected.Add((key, view.CountersOf(row).HotOrder(QualityOf(view, row))));
        }
        Assert.Equal(
            expected.OrderByDescending(x => x.Score).ThenBy(x => x.Key).Take(quota),
            result.Channels[(int)RecallChannel.Hot].Select(e => (result.Candidates[e.Candidate].Key, e.Score)));
    }

    private static float QualityOf(PartitionView view, int row)
    {
        var block = new ItemBlock(1, 0, 0);
        view.CopyTo(block, 0, row, 0);
        return block.Rows[0].Quality;
    }
}
