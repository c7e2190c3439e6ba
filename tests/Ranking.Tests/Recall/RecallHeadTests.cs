using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Tests.Catalogue;
using KgOrleans.TestSupport;

namespace KgOrleans.Ranking.Tests.Recall;

[Trait("Suite", "Unit")]
public sealed class RecallHeadTests
{
    private const int Items = 500;

    [Fact]
    public void The_model_channel_follows_the_head_and_pre_ranking_the_towers()
    {
        using var partition = Filled();
        using var view = partition.Acquire();
        Assert.Equal((2, 3), (view.EmbeddingDimension, view.RecallDimension));
        var found = Model(view, [1, 0], [0, 0, -1], "old");
        Assert.Equal([0, 1, 2], Order(view, found).Take(3));
        Assert.Equal([0, -1, -2], found.Channels[0].Take(3).Select(e => MathF.Round(e.Score)));
        Assert.Equal([0, 1, 2], found.Channels[0].Take(3).Select(e => MathF.Round(found.Candidates[e.Candidate].PreRank)));
    }

    [Fact]
    public void An_item_without_a_vector_of_the_head_is_left_to_other_channels_and_pre_ranked()
    {
        using var partition = Filled();
        partition.Put(Item(Items), 1, [Items, 0], recall: [0, float.NaN, 0]);
        partition.Put(Item(Items + 1), 1, [Items + 1, 0]);
        partition.Put(Item(Items + 2), 1, [float.NaN, 0], recall: [0, 0, Items + 2]);
        using var view = partition.PublishView(2);
        var found = Model(view, [1, 0], [0, 0, 1], "old", hot: Items + 3);
        Assert.Equal([Items + 2, Items - 1], Order(view, found).Take(2));
        Assert.Equal([Items, Items + 1, float.NaN], ((int[])[Items, Items + 1, Items + 2])
            .Select(i => MathF.Round(found.Candidates.Single(c => c.Key == Key(i)).PreRank)));
    }

    [Fact]
    public void A_request_whose_vectors_do_not_fit_the_head_leaves_the_model_channel_silent()
    {
        using var partition = Filled();
        using var view = partition.Acquire();
        foreach (var recall in (float[][])[[], [1, 1], [1, float.NaN, 1]])
        {
            var found = Model(view, [1, 0], recall, "old", hot: 5);
            Assert.Empty(found.Channels[0]);
            Assert.All(found.Candidates, c => Assert.False(float.IsNaN(c.PreRank)));
        }
        Assert.Empty(Model(view, [1, 0], [0, 0, 1], "new").Channels[0]);
        var towersFailed = Model(view, [float.NaN, 0], [0, 0, 1], "old");
        Assert.Equal(Items - 1, Order(view, towersFailed)[0]);
        Assert.All(towersFailed.Candidates, c => Assert.True(float.IsNaN(c.PreRank)));

        using var plain = new Partition(new PartitionSettings(4, 2, "old") { ChunkShift = 6 });
        plain.Put(Item(1), 1, [1, 0]);
        using var without = plain.PublishView(1);
        Assert.Single(Model(without, [1, 0], [], "old").Channels[0]);
        Assert.Empty(Model(without, [1, 0], [0, 0, 1], "old").Channels[0]);
    }

    [Fact]
    public void Both_vectors_of_a_space_switch_and_are_dropped_together()
    {
        using var partition = Filled();
        partition.AddSpace("new", 3, recallDimension: 4);
        for (var i = 0; i < Items; i++)
            Assert.True(partition.Fill(Key(i), [0, 0, i], [0, 0, 0, -i]));
        partition.Put(Item(Items), 1, [Items, 0], [0, 0, Items], [0, 0, Items], [0, 0, 0, -Items]);
        using var before = partition.PublishView(2);
        partition.SwitchSpaces();
        using var switched = partition.PublishView(3);
        Assert.Equal((3, 4), (switched.EmbeddingDimension, switched.RecallDimension));
        Assert.Equal(Items, Order(before, Model(before, [1, 0], [0, 0, 1], "old"))[0]);
        var found = Model(switched, [0, 0, 1], [0, 0, 0, 1], "new");
        Assert.Equal([0, 1], Order(switched, found).Take(2));
        Assert.Equal(1, found.Candidates.Single(c => c.Key == Key(1)).PreRank, 1e-3f);
        // A head of the other space is not scored, even where it would fit.
        Assert.Empty(Model(switched, [0, 0, 1], [0, 0, 0, 1], "old").Channels[0]);

        // Back to a space without a head: the channel is the towers' again.
        partition.DropSecondSpace();
        partition.Publish(4);
        partition.AddSpace("plain", 2);
        Assert.True(partition.Fill(Key(7), [1, 1]));
        partition.SwitchSpaces();
        using var plain = partition.PublishView(5);
        Assert.Equal(0, plain.RecallDimension);
        Assert.Equal([7], Order(plain, Model(plain, [1, 0], [], "plain")));
    }

    [Fact]
    public void The_memory_of_a_head_comes_and_goes_with_its_space()
    {
        using var partition = Filled();
        var bytes = partition.AllocatedBytes;
        partition.AddSpace("plain", 2);
        var plain = partition.AllocatedBytes - bytes;
        partition.DropSecondSpace();
        partition.Publish(2);
        Assert.Equal(bytes, partition.AllocatedBytes);
        partition.AddSpace("headed", 2, recallDimension: 20);
        // 20 components are padded to 32, in two planes, with a scale: 68 bytes a row of 8 chunks.
        Assert.InRange(partition.AllocatedBytes - bytes - plain, 68 * 64 * 8, (68 * 64 * 8) + (8 * 4096));
        partition.DropSecondSpace();
        partition.Publish(2);
        Assert.Equal(bytes, partition.AllocatedBytes);
    }

    [Fact]
    public void Updates_and_compactions_carry_the_vectors_of_the_head()
    {
        using var partition = Filled();
        partition.AddSpace("new", 3, recallDimension: 4);
        for (var times = 0; times < 12; times++)
        {
            for (var i = 0; i < Items; i++)
                partition.Put(Item(i), i, [i, 0], [0, 0, i], [0, 0, times - i], [0, 0, 0, i * times]);
        }
        using var compacted = partition.PublishView(2);
        Assert.Equal(Items, compacted.RowCount);
        var found = Model(compacted, [1, 0], [0, 0, 1], "old");
        Assert.Equal([0, 1], Order(compacted, found).Take(2));
        Assert.Equal(11, found.Channels[0][0].Score, 1e-2f);
        partition.SwitchSpaces();
        using var switched = partition.PublishView(3);
        found = Model(switched, [0, 0, 1], [0, 0, 0, 1], "new");
        Assert.Equal(Items - 1, Order(switched, found)[0]);
        Assert.Equal((Items - 1) * 11, found.Channels[0][0].Score, 1f);
    }

    [Fact]
    public void A_warm_scan_of_two_widths_allocates_its_answers_alone()
    {
        using var partition = new Partition(new PartitionSettings(0, 20, "old") { ChunkShift = 9, RecallDimension = 7 });
        var random = new Random(3);
        for (var i = 0; i < 5_000; i++)
            partition.Put(new ItemDocument { ItemId = $"i{i}", CreatorId = "c" }, i, Vector(random, 20), recall: Vector(random, 7));
        using var view = partition.PublishView(1);
        using var scan = new RecallScan();
        var results = new RecallResult?[2];
        foreach (var pruning in (RecallPruning?[])[null, new RecallPruning(1, 50, new int[RecallChannels.Count])])
        {
            RecallRequest[] requests = [Request(Vector(random, 20), Vector(random, 7), "old", 300, 100, pruning),
                Request(Vector(random, 20), Vector(random, 7), "old", 20, 100, pruning)];
            var allocated = Allocations.AfterWarmUp(() => scan.Run(view, requests, results), runs: 1);
            var answers = results.Sum(r => (r!.Candidates.Length * 16) + (r.Channels.Sum(c => c.Length) * 8) + (r.Keys.Length * 8) + (r.Zones.Length * 44));
            Assert.InRange(allocated, answers, answers + 1_000);
        }
    }

    [Fact]
    public void Vectors_of_other_lengths_are_refused_and_change_nothing()
    {
        using var partition = Filled();
        Assert.Throws<ArgumentException>(() => partition.Put(Item(0), 9, [9, 9], recall: [1, 1]));
        Assert.Throws<ArgumentException>(() => partition.Put(Item(0), 9, [9, 9], secondRecall: [1]));
        partition.AddSpace("new", 3, recallDimension: 4);
        Assert.Throws<ArgumentException>(() => partition.Put(Item(0), 9, [9, 9], [1, 1, 1], [1, 1, 1], [1]));
        Assert.Throws<ArgumentException>(() => partition.Fill(Key(0), [1, 1, 1], [1, 1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Partition(new PartitionSettings(4, 2, "s") { RecallDimension = 513 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Partition(new PartitionSettings(4, 2, "s") { RecallDimension = -1 }));
        using var plain = new Partition(new PartitionSettings(4, 2, "s"));
        Assert.Throws<ArgumentException>(() => plain.Put(Item(0), 1, [1, 1], recall: [1]));
        using var none = new Partition(new PartitionSettings(4, 0, null));
        Assert.Throws<ArgumentException>(() => none.Put(Item(0), 1, [], recall: [1]));
        using var view = partition.PublishView(2);
        Assert.Equal((Items, Items), (view.RowCount, view.LiveCount));
    }

    // The head says the opposite of the towers.
    private static Partition Filled()
    {
        var partition = new Partition(new PartitionSettings(4, 2, "old") { ChunkShift = 6, RecallDimension = 3 });
        for (var i = 0; i < Items; i++)
            partition.Put(Item(i), i, [i, 0], recall: [0, 0, i]);
        partition.Publish(1);
        return partition;
    }

    private static ItemDocument Item(int i) => new() { ItemId = $"i{i}", CreatorId = "c" };

    private static ulong Key(int i) => Key64.Of($"i{i}");

    private static float[] Vector(Random random, int dimension) => [.. Enumerable.Range(0, dimension).Select(_ => random.NextSingle() - 0.5f)];

    private static RecallResult Model(PartitionView view, float[] user, float[] recall, string space, int hot = 0) =>
        PartitionRecall.Run(view, Request(user, recall, space, 10, hot));

    private static RecallRequest Request(float[] user, float[] recall, string space, int quota, int hot, RecallPruning? pruning = null) => new()
    {
        Now = 1,
        ScoreTime = 1,
        OldestPublishedAt = 0,
        World = 0,
        UserVector = user,
        RecallVector = recall,
        SpaceId = space,
        Quotas = [quota, 0, hot],
        Pruning = pruning,
    };

    private static int[] Order(PartitionView view, RecallResult found) =>
        [.. found.Channels[0].Select(e => int.Parse(view.IdOf(found.Candidates[e.Candidate].Row)[1..], System.Globalization.CultureInfo.InvariantCulture))];
}
