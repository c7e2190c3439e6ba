using System.Text;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Ranking.Tests.Catalogue;

[Trait("Suite", "Unit")]
public sealed class PartitionBadInputTests
{
    [Fact]
    public void Of_an_id_that_is_written_twice_in_one_batch_the_last_counts()
    {
        using var partition = New();
        partition.Put(Document("a") with { Quality = 0.1 }, 1, [1, 0]);
        partition.Put(Document("a") with { Quality = 0.9 }, 2, [0, 1]);
        using var view = partition.PublishView(3);
        Assert.Equal((1, 2, 2L), (view.LiveCount, view.RowCount, view.LogPositionOf(view.Find(Key64.Of("a")))));
    }

    [Fact]
    public void A_second_id_with_the_same_key_is_refused_and_changes_nothing()
    {
        using var partition = New();
        partition.Append(Decoded("a", Key64.Of("b")));
        Assert.False(partition.Accepts("b"));
        Assert.Throws<ArgumentException>(() => partition.Append(Decoded("b", Key64.Of("b"))));
        Assert.Throws<ArgumentException>(() => partition.Put(Document("b"), 1, [1, 0]));
        using var view = partition.PublishView(1);
        Assert.Equal((1, "a"), (view.LiveCount, view.IdOf(view.Find(Key64.Of("b")))));
        // Also while the first is only not compacted away yet.
        Assert.True(partition.Delete(Key64.Of("b")));
        Assert.False(partition.Accepts("b"));
        Assert.True(partition.Accepts("c"));
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused_and_change_nothing()
    {
        using var partition = New();
        partition.Put(Document("a"), 1, [1, 0]);
        Assert.Throws<ArgumentException>(() => partition.Put(Document("b"), 2, [1, 0, 0]));
        Assert.Throws<ArgumentException>(() => partition.Put(Document("b"), 2, [1, 0], [1]));
        Assert.Throws<ArgumentException>(() => partition.Put(Document(new string('x', 300)), 2, [1, 0]));
        Assert.Throws<ArgumentException>(() => Append((ref DecodedItem item) => item.Content = new float[3]));
        using var view = partition.PublishView(3);
        Assert.Equal((1, 1), (view.LiveCount, view.RowCount));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Partition(new PartitionSettings(4, 513, "s")));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Partition(new PartitionSettings(4, 2, "s") { ChunkShift = 5 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => view.IdOf(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => view.CountersOf(-1));

        void Append(Change change)
        {
            var item = Decoded("b", Key64.Of("b"));
            change(ref item);
            partition.Append(item);
        }
    }

    private delegate void Change(ref DecodedItem item);

    [Fact]
    public void Vectors_and_users_that_are_no_numbers_never_win_and_hide_nobody()
    {
        using var partition = New();
        partition.Put(Document("nan"), 1, [float.NaN, 1]);
        partition.Put(Document("infinite"), 1, [float.PositiveInfinity, 1]);
        partition.Put(Document("none"), 1, []);
        partition.Put(Document("good"), 1, [1, 2]);
        using var view = partition.PublishView(1);
        Assert.Equal(["good"], Model(view, [1, 1], 10));
        Assert.Equal(["good"], Model(view, [-1, -1], 10));
        Assert.Empty(Model(view, [float.NaN, 1], 10));
        Assert.Empty(Model(view, [float.NegativeInfinity, 1], 10));
        Assert.Empty(Model(view, [1, 1, 1], 10));
    }

    [Fact]
    public void No_items_asked_for_and_more_than_there_are()
    {
        using var partition = New();
        for (var i = 0; i < 200; i++)
            partition.Put(Document($"i{i}"), i, [i, 1]);
        using var view = partition.PublishView(1);
        Assert.Empty(Model(view, [1, 1], 0));
        Assert.Equal(200, Model(view, [1, 1], int.MaxValue).Length);
        Assert.Equal("i199", Model(view, [1, 1], 1)[0]);
    }

    [Fact]
    public void A_partition_whose_items_are_all_dropped_answers_with_their_number()
    {
        using var partition = New();
        for (var i = 0; i < 200; i++)
            partition.Put(Document($"i{i}") with { Hidden = true }, i, [i, 1]);
        using var view = partition.PublishView(1);
        var result = PartitionRecall.Run(view, Request([1, 1], 10));
        Assert.Empty(result.Candidates);
        Assert.Equal((200, 200, 0), (result.Counts.Live, result.Counts.Hidden, result.Counts.Eligible));
    }

    private static Partition New() => new(new PartitionSettings(4, 2, "space") { ChunkShift = 6 });

    private static ItemDocument Document(string id) => new() { ItemId = id, CreatorId = "c" };

    private static DecodedItem Decoded(string id, ulong key) => new()
    {
        Key = key,
        Id = Encoding.UTF8.GetBytes(id),
        CreatorKey = Key64.Of("c"),
        Creator = "c"u8,
        Content = new float[4],
        Embedding = new float[2],
    };

    private static RecallRequest Request(float[] user, int quota) =>
        new() { Now = 1, ScoreTime = 1, OldestPublishedAt = 0, World = 0, UserVector = user, Quotas = [quota, 0, 0] };

    private static string[] Model(PartitionView view, float[] user, int quota) =>
        [.. PartitionRecall.Run(view, Request(user, quota)).Candidates.Select(c => view.IdOf(c.Row))];
}
