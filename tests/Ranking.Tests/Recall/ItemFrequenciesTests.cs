using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Tests.Catalogue;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Ranking.Tests.Recall;

[Trait("Suite", "Unit")]
public sealed class ItemFrequenciesTests
{
    private static readonly WeightedInterest[] Tags =
        [new("common", Key64.Of("common"), 3), new("half", Key64.Of("half"), 2), new("rare", Key64.Of("rare"), 1)];

    [Fact]
    public void Interests_that_tell_more_weigh_more_and_all_together_as_much_as_before()
    {
        var weighed = Frequencies(1_000, ("common", 1_000), ("half", 500), ("rare", 1)).Weigh(Tags, InterestField.Tag, 3);

        Assert.Equal(["rare", "half", "common"], weighed.Select(t => t.Id));
        Assert.Equal(6, weighed.Sum(t => t.Weight), 1e-4);
        Assert.Equal(Math.Log2(1_001) / 3, weighed[0].Weight / weighed[2].Weight, 1e-3);
        Assert.Equal(["rare"], Frequencies(1_000, ("common", 1_000), ("half", 500), ("rare", 1)).Weigh(Tags, InterestField.Tag, 1).Select(t => t.Id));
        // Nothing is known of songs of these keys.
        Assert.Equal([3, 2, 1], Frequencies(1_000).Weigh(Tags, InterestField.Song, 3).Select(t => t.Weight));
        Assert.Equal([3, 2, 1], Frequencies(0).Weigh(Tags, InterestField.Tag, 3).Select(t => t.Weight));
    }

    [Fact]
    public void Shards_count_their_live_items_so_that_the_sums_do_not_depend_on_the_shards()
    {
        for (var seed = 0; seed < 30; seed++)
        {
            var world = new RecallWorld(seed, maxItems: 600);
            RecallInterest[] asked =
            [
                .. Enumerable.Range(0, 10).Select(i => new RecallInterest(Key64.Of($"t{i}"), 1, InterestField.Tag)),
                .. Enumerable.Range(0, 10).Select(i => new RecallInterest(Key64.Of($"s{i}"), 1, InterestField.Song)),
                new RecallInterest(Key64.Of("c1"), 1, InterestField.Creator), new RecallInterest(Key64.Of("nobody"), 1, InterestField.Creator),
            ];
            var live = world.Items.Where(i => !i.IsDeleted).Select(i => i.Document).ToArray();
            long[] expected =
            [
                live.Length,
                .. Enumerable.Range(0, 10).Select(i => live.LongCount(d => d.Tags.Contains($"t{i}"))),
                .. Enumerable.Range(0, 10).Select(i => live.LongCount(d => d.SongId == $"s{i}")),
                live.LongCount(d => d.CreatorId == "c1"), 0,
            ];
            foreach (var shards in new[] { 1, 3, 8 })
            {
                var sums = new long[asked.Length + 1];
                for (var shard = 0; shard < shards; shard++)
                {
                    var counts = ItemFrequencies.CountIn(world.Build(key => Key64.Shard(key, shards) == shard), asked);
                    for (var i = 0; i < sums.Length; i++)
                        sums[i] += counts[i];
                }
                Assert.Equal(expected, sums);
            }
        }
    }

    [Fact]
    public void The_index_channel_walks_what_tells_most_of_all_that_the_user_likes()
    {
        var user = new UserSnapshot
        {
            UserId = "u",
            IsKnown = true,
            Tags = [.. Enumerable.Range(0, 20).Select(i => new WeightedInterest($"t{i}", Key64.Of($"t{i}"), 20 - i))],
        };
        var frequencies = Frequencies(100_000, [.. Enumerable.Range(0, 20).Select(i => ($"t{i}", i == 19 ? 1L : 100_000L))]);

        Assert.Contains(Key64.Of("t19"), ChannelInterests.Index(user, frequencies).Select(i => i.Key));
        Assert.DoesNotContain(Key64.Of("t19"), ChannelInterests.Index(user).Select(i => i.Key));
        Assert.Equal(ChannelInterests.Tags, ChannelInterests.Index(user, frequencies).Length);
        Assert.Equal(20, ChannelInterests.Weighed(user).Length);
    }

    [Fact]
    public void An_item_with_fewer_tags_is_more_about_each_of_them_and_what_many_liked_leads_among_equals()
    {
        using var partition = new Partition(new PartitionSettings(0, 0, null) { ChunkShift = 6 });
        partition.Put(new ItemDocument { ItemId = "few", CreatorId = "c", Tags = ["a"] }, 1, []);
        partition.Put(new ItemDocument { ItemId = "many", CreatorId = "c", Tags = ["a", .. Enumerable.Range(0, 15).Select(i => $"x{i}")] }, 2, []);
        partition.Put(new ItemDocument { ItemId = "liked", CreatorId = "c", Tags = ["a"] }, 3, []);
        for (var i = 0; i < 5; i++)
            partition.Count(Key64.Of("liked"), EventType.Like, 0, 0);
        using var view = partition.PublishView(1);
        var result = PartitionRecall.Run(view, new RecallRequest
        {
            Now = 1_770_000_000_000,
            ScoreTime = 1_770_000_000_000,
            OldestPublishedAt = 0,
            World = 0,
            Quotas = [0, 10],
            Interests = [[], [new RecallInterest(Key64.Of("a"), 1, InterestField.Tag)]],
        });
        var found = result.Channels[(int)RecallChannel.Index].Select(e => (view.IdOf(result.Candidates[e.Candidate].Row), e.Score)).ToArray();

        Assert.Equal(["liked", "few", "many"], found.Select(f => f.Item1));
        Assert.Equal(4, found[1].Score / found[2].Score, 1e-4);
        Assert.Equal(1 + MathF.Log2(1 + (5 * 1.5f)), found[0].Score / found[1].Score, 1e-4);
    }

    private static ItemFrequencies Frequencies(long items, params (string Tag, long Count)[] counts) =>
        new(items, counts.ToDictionary(c => (InterestField.Tag, Key64.Of(c.Tag)), c => c.Count));
}
