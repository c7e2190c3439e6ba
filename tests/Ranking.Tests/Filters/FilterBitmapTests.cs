using System.Text;
using CsCheck;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Tests.Catalogue;

namespace KgOrleans.Ranking.Tests.Filters;

[Trait("Suite", "Unit")]
public sealed class FilterBitmapTests
{
    [Fact]
    public void The_bitmap_of_a_filter_over_a_view_holds_exactly_the_items_whose_documents_match() => Gen.Int.Sample(seed =>
    {
        var random = new Random(seed);
        using var partition = new Partition(new PartitionSettings(4, 0, null) { ChunkShift = 6 });
        var documents = Enumerable.Range(0, random.Next(1, 300)).Select(i => ItemFilterMeaningTests.Document(random) with { ItemId = $"a{i}" }).ToArray();
        foreach (var document in documents)
        {
            // Dead rows between the live ones, with other values.
            if (random.Next(4) == 0)
                partition.Put(ItemFilterMeaningTests.Document(random) with { ItemId = document.ItemId }, 0, []);
            partition.Put(document, 0, []);
        }
        using var view = partition.PublishView(1);
        // Rows that the view must not see.
        for (var i = 0; i < 20; i++)
            partition.Put(ItemFilterMeaningTests.Document(random) with { ItemId = $"later{i}" }, 0, []);
        for (var i = 0; i < 10; i++)
        {
            var nodes = 0;
            var (json, predicate) = ItemFilterMeaningTests.Node(random, 0, ref nodes);
            var result = PartitionRecall.Run(view, new RecallRequest
            {
                Now = long.MaxValue / 2,
                ScoreTime = 0,
                OldestPublishedAt = 0,
                World = 0,
                Filter = ItemFilter.Parse(Encoding.UTF8.GetBytes(json)),
                Quotas = [0, 0, documents.Length],
            });
            var expected = documents.Where(predicate).Select(d => Key64.Of(d.ItemId)).Order().ToArray();
            Assert.Equal(expected, result.Candidates.Select(c => c.Key).Order());
            Assert.Equal((expected.Length, documents.Length - expected.Length), (result.Counts.Eligible, result.Counts.Filtered));
        }
    }, iter: 150);
}
