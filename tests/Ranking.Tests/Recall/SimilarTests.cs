using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Neighbours;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Tests.Catalogue;

namespace KgOrleans.Ranking.Tests.Recall;

[Trait("Suite", "Unit")]
public sealed class SimilarTests
{
    [Fact]
    public void A_sum_says_what_brought_an_item_and_dislikes_take_away()
    {
        SimilarSource[] sources = [new(10, 1, 1), new(11, 1, 2), new(12, 0.5f, 1), new(13, -1, 1)];
        SimilarEntry[] entries = [new(1, 2, 0), new(2, 2, 3), new(1, 3, 1), new(3, 1, 2), new(1, 1, 2), new(2, 1, 0)];
        var sum = SimilarItems.Sum(entries, sources, (_, _) => 0);
        Assert.Equal([new SimilarItem(1, 8.5f, 1, 0), new SimilarItem(3, 0.5f, 2, 2)], sum.OrderBy(s => s.Key));
    }

    [Fact]
    public void A_pair_counts_as_the_one_of_both_lists_says_that_knows_more_of_it()
    {
        SimilarSource[] sources = [new(10, 1, 1), new(11, 1, 2), new(12, 1, 1)];
        Dictionary<ulong, Neighbour[]> lists = new() { [1] = [new(10, 1), new(11, 5), new(99, 50)], [2] = [new(12, 40)] };
        var sum = SimilarItems.Sum([new SimilarEntry(1, 2, 0), new SimilarEntry(3, 1, 0)], sources, (item, neighbours) =>
        {
            var list = lists.GetValueOrDefault(item) ?? [];
            list.CopyTo(neighbours);
            return list.Length;
        });
        Assert.Equal([new SimilarItem(1, 2 + (5 * 2), 1, 0), new SimilarItem(3, 1, 0, 0)], sum.OrderBy(s => s.Key));
    }

    [Fact]
    public void The_heaviest_are_kept_in_order()
    {
        var sum = SimilarItems.Heaviest([.. Enumerable.Range(0, 3_000).Select(i => new SimilarItem((ulong)i, 1 + (i % 7), 0, 0))]);
        Assert.Equal(SimilarItems.Most, sum.Length);
        Assert.Equal(sum.OrderByDescending(s => s.Weight).ThenBy(s => s.Key), sum);
        Assert.Equal(3, sum[^1].Weight);
    }

    [Fact]
    public void The_channel_scores_each_item_with_its_own_share_and_leaves_out_what_may_not_come()
    {
        using var partition = new Partition(new PartitionSettings(0, 0, null) { ChunkShift = 6 });
        for (var i = 0; i < 200; i++)
            partition.Put(new ItemDocument { ItemId = $"i{i}", CreatorId = i == 3 ? "blocked" : "c" }, i, []);
        partition.CountFan(Partial(1), 58);
        partition.CountFan(Partial(2), 3);
        // What is not in this shard is nobody's.
        partition.CountFan(Partial(999), 3);
        using var view = partition.PublishView(1);
        var quotas = new int[RecallChannels.Count];
        quotas[(int)RecallChannel.Similar] = 2;
        var interests = new RecallInterest[RecallChannels.Count][];
        Array.Fill(interests, []);
        interests[(int)RecallChannel.Similar] = [Wanted(1, 8), Wanted(2, 2), Wanted(3, 100), Wanted(4, 0.5f), Wanted(999, 50), Wanted(5, 90)];
        var found = PartitionRecall.Run(view, new RecallRequest
        {
            Now = 1,
            ScoreTime = 1,
            OldestPublishedAt = 0,
            World = 0,
            Quotas = quotas,
            Interests = interests,
            ExcludedItems = [Key64.Of("i5")],
            ExcludedCreators = [Key64.Of("blocked")],
        });
        var entries = found.Channels[(int)RecallChannel.Similar];
        Assert.Equal(["i1", "i2"], entries.Select(e => view.IdOf(found.Candidates[e.Candidate].Row)));
        Assert.Equal([8 / MathF.Sqrt(58 + 20), 2 / MathF.Sqrt(3 + 20)], entries.Select(e => e.Score));
    }

    private static RecallInterest Wanted(int item, float weight) => new(Partial(item), weight, InterestField.Item);

    private static ulong Partial(int item) => PartialKey.Of(Key64.Of($"i{item}"));
}
