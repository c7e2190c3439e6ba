using System.Text;
using CsCheck;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Tests.Catalogue;

namespace KgOrleans.Ranking.Tests.Recall;

[Trait("Suite", "Unit")]
public sealed class PartitionRecallTests
{
    private static readonly ItemFilter NoVideos = ItemFilter.Parse(Encoding.UTF8.GetBytes("""{"not":{"field":"kind","in":["video","live"]}}"""));

    [Fact]
    public void Eligibility_counts_and_channels_equal_naive_code_over_the_documents() => Gen.Int.Sample(seed =>
    {
        var world = new RecallWorld(seed);
        var filtered = seed % 2 == 0;
        var result = world.Recall(world.Build(), filtered ? NoVideos : null);
        var live = world.Items.Where(i => !i.IsDeleted).ToList();
        var fates = live.ToLookup(i => world.FateOf(i, filtered ? d => d.Kind is not (ItemKind.Video or ItemKind.Live) : null));
        var counts = result.Counts;
        Assert.Equal(
            (live.Count, Count("eligible"), Count("world"), Count("hidden"), Count("expired"), Count("age"), Count("excluded"), Count("blocked"), Count("filtered")),
            (counts.Live, counts.Eligible, counts.OtherWorld, counts.Hidden, counts.Expired, counts.Age, counts.Excluded, counts.Blocked, counts.Filtered));

        foreach (var channel in Enum.GetValues<RecallChannel>())
            AssertChannel(channel, item => world.ScoreOf(channel, item));
        Assert.Equal(result.Candidates.Length, result.Candidates.DistinctBy(c => c.Key).Count());
        Assert.Equal(result.Candidates.Length, result.Channels.SelectMany(c => c).Select(e => e.Candidate).Distinct().Count());
        var byKey = live.ToDictionary(i => i.Key);
        foreach (var candidate in result.Candidates)
            Assert.Equal(world.ModelScore(byKey[candidate.Key]), candidate.PreRank);

        long Count(string fate) => fates[fate].LongCount();

        void AssertChannel(RecallChannel channel, Func<RecallWorld.Item, float> score)
        {
            var expected = fates["eligible"].Select(i => (i.Key, Score: score(i))).Where(x => !float.IsNaN(x.Score))
                .OrderByDescending(x => x.Score).ThenBy(x => x.Key).Take(world.Quotas[(int)channel]);
            Assert.Equal(expected, result.Channels[(int)channel].Select(e => (result.Candidates[e.Candidate].Key, e.Score)));
        }
    }, iter: 200);

    [Fact]
    public void The_rows_of_candidates_are_rows_of_the_view_that_answered()
    {
        var world = new RecallWorld(7) { Quotas = [300, 300, 300] };
        var view = world.Build();
        var result = world.Recall(view);
        Assert.NotEmpty(result.Candidates);
        Assert.All(result.Candidates, c => Assert.Equal(c.Row, view.Find(c.Key)));
    }

    [Fact]
    public void Works_whose_vector_is_not_a_number_never_win_the_model_channel_but_can_be_hot()
    {
        var partition = new Partition(new PartitionSettings(4, 2, "space"));
        partition.Put(new ItemDocument { ItemId = "nan", CreatorId = "c" }, 0, [float.NaN, 1]);
        partition.Put(new ItemDocument { ItemId = "bad", CreatorId = "c" }, 1, [-5, -5]);
        var result = Run(partition.PublishView(2), [1, 1], [10, 10, 10]);
        Assert.Equal([Key64.Of("bad")], result.Channels[(int)RecallChannel.Model].Select(e => result.Candidates[e.Candidate].Key));
        Assert.Equal(2, result.Channels[(int)RecallChannel.Hot].Length);
    }

    [Fact]
    public void Quotas_of_zero_switch_channels_off()
    {
        var world = new RecallWorld(7) { Quotas = [0, 0, 0] };
        var result = world.Recall(world.Build());
        Assert.Empty(result.Candidates);
        Assert.All(result.Channels, Assert.Empty);
        Assert.True(result.Counts.Eligible > 0);
    }

    [Fact]
    public void An_empty_partition_answers_with_nothing()
    {
        foreach (var view in new[] { new Partition(VersionedWorks.Settings).Acquire(), new Partition(VersionedWorks.Settings).PublishView(0) })
        {
            var result = Run(view, new float[VersionedWorks.Dimension], [10, 10, 10]);
            Assert.Empty(result.Candidates);
            Assert.All(result.Channels, Assert.Empty);
            Assert.Equal(default, result.Counts);
        }
    }

    [Fact]
    public void An_older_view_does_not_meet_rows_that_were_written_after_it_even_at_the_border_of_its_bitmap()
    {
        const int Rows = 1_024;
        var partition = new Partition(new PartitionSettings(4, 0, null));
        for (var i = 0; i < Rows; i++)
            Put(i);
        var older = partition.PublishView(1);
        for (var i = Rows; i < Rows + 3; i++)
            Put(i);
        var newer = partition.PublishView(2);
        Assert.Equal((Rows, Rows + 3), (Run(older), Run(newer)));

        void Put(int i) => partition.Put(new ItemDocument { ItemId = $"i{i}", CreatorId = "c", Tags = ["t"] }, i, []);

        static int Run(PartitionView view) => PartitionRecall.Run(view, new RecallRequest
        {
            Now = RecallWorld.Now,
            ScoreTime = RecallWorld.Now,
            OldestPublishedAt = 0,
            World = 0,
            Interests = [[], [new RecallInterest(Key64.Of("t"), 1, InterestField.Tag), new RecallInterest(Key64.Of("c"), 1, InterestField.Creator)]],
            Quotas = [0, 2 * Rows, 0],
        }).Channels[(int)RecallChannel.Index].Length;
    }

    [Fact]
    public void A_user_vector_of_another_length_leaves_the_model_out_and_says_so_in_the_scores()
    {
        var partition = new Partition(VersionedWorks.Settings);
        VersionedWorks.Put(partition, 1, 1);
        var result = Run(partition.PublishView(1), new float[VersionedWorks.Dimension + 1], [10, 10, 10]);
        Assert.Empty(result.Channels[(int)RecallChannel.Model]);
        Assert.Equal(float.NaN, Assert.Single(result.Candidates).PreRank);
    }

    private static RecallResult Run(PartitionView view, float[] user, int[] quotas) => PartitionRecall.Run(view, new RecallRequest
    {
        Now = RecallWorld.Now,
        ScoreTime = RecallWorld.Now,
        OldestPublishedAt = 0,
        World = 0,
        UserVector = user,
        Quotas = quotas,
    });
}
