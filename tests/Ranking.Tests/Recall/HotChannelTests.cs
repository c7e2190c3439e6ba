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
    public void Popularity_is_the_decayed_sum_and_a_share_of_what_slower_counters_expect() =>
        Gen.Select(Gen.Int, Gen.Int[0, 2].Select(i => new[] { 6, 72, 2_160 }[i]), Gen.Int[0, 2_000]).Sample((seed, halfLife, days) =>
        {
            var random = new Random(seed);
            var moment = HotMoment.Of(halfLife, Start);
            var (counters, hot, slow, ever) = (default(ItemCounters), 0d, 0d, 0d);
            for (var i = random.Next(1, 6); i > 0; i--)
            {
                var at = Start - ((days * 1_440L) + random.Next(10_000)) * Minute;
                counters.Add(EventType.Play, 1, at);
                var hours = (moment.At - at) / 3_600_000d;
                (hot, slow, ever) = (hot + Math.Pow(2, -hours / halfLife), slow + Math.Pow(2, -hours / 2_160), ever + 1);
            }
            var expected = hot + (halfLife < 2_160 ? 0.1 * halfLife / 2_160 * slow : 0) + (0.01 * halfLife / 21_600 * ever);
            Assert.InRange(HotScale.ToPopularity(counters.HotOrder(moment, 0.5f)), expected * 0.9999, expected * 1.0001);
        }, iter: 300);

    [Fact]
    public void A_half_life_between_those_of_the_counters_is_exact_for_one_event_and_close_for_many() =>
        Gen.Select(Gen.Double[6, 2_160], Gen.Int[0, 60], Gen.Int[1, 40]).Sample((halfLife, days, events) =>
        {
            var moment = HotMoment.Of(halfLife, Start);
            var (counters, sum, ever) = (default(ItemCounters), 0d, 0d);
            var slow = 0d;
            for (var i = 0; i < events; i++)
            {
                var hours = (days * 24) + i;
                counters.Add(EventType.Play, 1, moment.At - (hours * 60 * Minute));
                (sum, slow, ever) = (sum + Math.Pow(2, -hours / halfLife), slow + Math.Pow(2, -hours / 2_160d), ever + 1);
            }
            var rest = (halfLife < 2_160 ? 0.1 * halfLife / 2_160 * slow : 0) + (0.01 * halfLife / 21_600 * ever);
            // A geometric mean of what other half-lives leave is never less than what this one leaves.
            Assert.InRange(
                HotScale.ToPopularity(counters.HotOrder(moment, 0.5f)), (sum + rest) * 0.9999, ((sum * (events == 1 ? 1 : 1.5)) + rest) * 1.0001);
        }, iter: 300);

    [Fact]
    public void A_history_of_any_age_has_the_order_that_it_had_when_it_was_new()
    {
        // A was liked by ten in the month before the history ends, B by three in its last days.
        var (a, b, c) = (default(ItemCounters), default(ItemCounters), default(ItemCounters));
        for (var i = 0; i < 10; i++)
            a.Add(EventType.Like, 0, Start - (i * 4_320 * Minute));
        for (var i = 0; i < 3; i++)
            b.Add(EventType.Like, 0, Start - (i * 60 * Minute));
        c.Add(EventType.Like, 0, Start - (43_200 * Minute));
        var now = HotMoment.Of(72, Start);
        Assert.True(b.HotOrder(now, 0) > a.HotOrder(now, 0));
        foreach (var years in new[] { 1, 3, 10, 20 })
        {
            var later = HotMoment.Of(72, Start + (years * 525_600 * Minute));
            Assert.True(a.HotOrder(later, 0) > b.HotOrder(later, 0));
            Assert.True(b.HotOrder(later, 0) > c.HotOrder(later, 0));
            Assert.True(c.HotOrder(later, 0) > default(ItemCounters).HotOrder(later, 1));
        }
    }

    [Fact]
    public void Items_that_nobody_met_stand_behind_all_others_by_quality()
    {
        var met = default(ItemCounters);
        met.Add(EventType.Play, 1, 0);
        var unmet = default(ItemCounters);
        unmet.Add(EventType.Impression, 0, Start);
        var now = HotMoment.Of(72, Start);
        Assert.True(met.HotOrder(now, 0) > unmet.HotOrder(now, 1));
        Assert.True(unmet.HotOrder(now, 1) > unmet.HotOrder(now, 0.5f));
        Assert.Equal(5e-4f, HotScale.ToPopularity(unmet.HotOrder(now, 0.5f)), 1e-6f);
    }

    private static void AssertHot(PartitionView view, long now, int quota)
    {
        var result = PartitionRecall.Run(view, new RecallRequest { Now = Start, ScoreTime = now, OldestPublishedAt = 0, World = 0, Quotas = [0, 0, quota] });
        var expected = new List<(ulong Key, float Score)>();
        for (var item = 0; item < 700; item++)
        {
            var key = Key64.Of($"i{item}");
            if (view.Find(key) is >= 0 and var row)
                expected.Add((key, view.CountersOf(row).HotOrder(HotMoment.Of(72, now), QualityOf(view, row))));
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
