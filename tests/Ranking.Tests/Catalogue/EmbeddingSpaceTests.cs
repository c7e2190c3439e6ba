using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Ranking.Tests.Catalogue;

[Trait("Suite", "Unit")]
public sealed class EmbeddingSpaceTests
{
    private const int Items = 500;

    [Fact]
    public void A_second_space_is_filled_beside_the_first_switched_to_at_once_and_the_first_dropped()
    {
        using var partition = Filled();
        partition.AddSpace("new", 3);
        partition.Publish(2);
        for (var i = 0; i < Items; i++)
            Assert.True(partition.Fill(Key(i), [0, 0, i]));
        Put(partition, Items, second: [0, 0, Items]);
        Assert.False(partition.Fill(Key64.Of("unheard"), [1, 1, 1]));
        var filling = partition.PublishView(3);
        Assert.Equal(("old", "new", 2), (filling.SpaceId, filling.SecondSpaceId, filling.EmbeddingDimension));
        Assert.Equal(0, Best(filling, [-1, 0], "old"));

        partition.SwitchSpaces();
        var switched = partition.PublishView(4);
        Assert.Equal(("new", "old", 3), (switched.SpaceId, switched.SecondSpaceId, switched.EmbeddingDimension));
        Assert.Equal(Items, Best(switched, [0, 0, 1], "new"));
        // Whoever holds the view from before still reads the space from before.
        Assert.Equal(0, Best(filling, [-1, 0], "old"));
        // A vector of the other space, even one of the right length, is not scored.
        Assert.Equal(-1, Best(switched, [0, 0, 1], "old"));
        Assert.Equal(-1, Best(switched, [-1, 0], null));

        partition.DropSecondSpace();
        var dropped = partition.PublishView(5);
        Assert.Null(dropped.SecondSpaceId);
        switched.Dispose();
        var before = partition.AllocatedBytes;
        filling.Dispose();
        Assert.True(partition.AllocatedBytes < before, "the space that nobody reads is still there");
        Assert.Equal(Items, Best(dropped, [0, 0, 1], "new"));
    }

    [Fact]
    public void Items_without_a_vector_in_a_space_never_win_there()
    {
        using var partition = Filled();
        partition.AddSpace("new", 3);
        partition.Fill(Key(7), [1, 1, 1]);
        partition.SwitchSpaces();
        using var view = partition.PublishView(2);
        Assert.Equal([Key(7)], Model(view, [-1, -1, -1], "new").Candidates.Select(c => c.Key));
    }

    [Fact]
    public void A_compaction_keeps_both_spaces()
    {
        using var partition = Filled();
        partition.AddSpace("new", 3);
        for (var times = 0; times < 12; times++)
        {
            for (var i = 0; i < Items; i++)
                Put(partition, i, second: [0, 0, i]);
        }
        using var compacted = partition.PublishView(2);
        Assert.Equal(Items, compacted.RowCount);
        Assert.Equal(Items - 1, Best(compacted, [1, 0], "old"));
        partition.SwitchSpaces();
        using var view = partition.PublishView(3);
        Assert.Equal(Items - 1, Best(view, [0, 0, 1], "new"));
    }

    [Fact]
    public void Misuse_is_refused()
    {
        using var partition = Filled();
        Assert.Throws<InvalidOperationException>(partition.SwitchSpaces);
        Assert.Throws<InvalidOperationException>(partition.DropSecondSpace);
        Assert.Throws<InvalidOperationException>(() => partition.Fill(Key(1), [1, 1, 1]));
        Assert.Throws<ArgumentException>(() => partition.AddSpace("old", 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => partition.AddSpace("new", 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => partition.AddSpace("new", 513));
        partition.AddSpace("new", 3);
        Assert.Throws<InvalidOperationException>(() => partition.AddSpace("third", 3));
        Assert.Throws<ArgumentException>(() => partition.Fill(Key(1), [1, 1]));
        partition.SwitchSpaces();
        partition.Publish(2);
        // The old space may be read by views of before.
        Assert.Throws<InvalidOperationException>(() => partition.Fill(Key(1), [1, 1]));
        Assert.Throws<InvalidOperationException>(() => new Partition(new PartitionSettings(4, 0, null)).AddSpace("new", 3));
    }

    private static Partition Filled()
    {
        var partition = new Partition(new PartitionSettings(4, 2, "old") { ChunkShift = 6 });
        for (var i = 0; i < Items; i++)
            Put(partition, i, []);
        partition.Publish(1);
        return partition;
    }

    private static ulong Key(int i) => Key64.Of($"i{i}");

    private static void Put(Partition partition, int i, ReadOnlySpan<float> second) =>
        partition.Put(new ItemDocument { ItemId = $"i{i}", CreatorId = "c" }, i, [i, 0], second);

    private static RecallResult Model(PartitionView view, float[] user, string? space) => PartitionRecall.Run(view, new RecallRequest
    {
        Now = 1,
        ScoreTime = 1,
        OldestPublishedAt = 0,
        World = 0,
        UserVector = user,
        SpaceId = space,
        Quotas = [10, 0, 0],
    });

    private static int Best(PartitionView view, float[] user, string? space) =>
        Model(view, user, space) is { Channels: [[var best, ..], ..] } found
            ? int.Parse(view.IdOf(found.Candidates[best.Candidate].Row)[1..], System.Globalization.CultureInfo.InvariantCulture) : -1;
}
