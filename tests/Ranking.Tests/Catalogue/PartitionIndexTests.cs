using CsCheck;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Tests.Catalogue;

[Trait("Suite", "Unit")]
public sealed class PartitionIndexTests
{
    [Fact]
    public void Every_index_names_the_rows_of_the_documents_with_a_value_also_after_a_compaction() => Gen.Int.Sample(seed =>
    {
        var random = new Random(seed);
        using var partition = new Partition(new PartitionSettings(0, 0, null) { ChunkShift = 6 });
        var newest = new Dictionary<string, ItemDocument>();
        for (var i = random.Next(9_000); i > 0; i--)
        {
            var document = new ItemDocument
            {
                ItemId = $"i{random.Next(300)}",
                CreatorId = $"c{random.Next(5)}",
                SongId = random.Next(2) == 0 ? null : $"s{random.Next(5)}",
                Region = random.Next(2) == 0 ? null : $"r{random.Next(5)}",
                Tags = [.. Enumerable.Range(0, random.Next(4)).Select(_ => $"t{random.Next(5)}")],
                CommunityIds = [.. Enumerable.Range(0, random.Next(3)).Select(_ => $"g{random.Next(5)}")],
            };
            partition.Put(document, i, []);
            newest[document.ItemId] = document;
        }
        using var view = partition.PublishView(1);
        var indexes = view.Rows.Indexes;
        for (var value = 0; value < 5; value++)
        {
            var v = value;
            AssertRows(indexes.Creators, $"c{v}", d => d.CreatorId == $"c{v}");
            AssertRows(indexes.Songs, $"s{v}", d => d.SongId == $"s{v}");
            AssertRows(indexes.Regions, $"r{v}", d => d.Region == $"r{v}");
            AssertRows(indexes.Tags, $"t{v}", d => d.Tags.Contains($"t{v}"));
            AssertRows(indexes.Communities, $"g{v}", d => d.CommunityIds.Contains($"g{v}"));
        }

        void AssertRows(SymbolIndex index, string value, Func<ItemDocument, bool> has)
        {
            var found = new List<string>();
            foreach (var rows in index.Rows(index.Find(Key64.Of(value)), view.RowCount))
            {
                foreach (var row in rows)
                {
                    if (view.Find(view.Rows.KeyAt(row)) == row)
                        found.Add(view.IdOf(row));
                }
            }
            Assert.Equal(newest.Values.Where(has).Select(d => d.ItemId).Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        }
    }, iter: 20);
}
