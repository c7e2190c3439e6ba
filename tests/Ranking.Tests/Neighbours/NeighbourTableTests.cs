using CsCheck;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Neighbours;

namespace KgOrleans.Ranking.Tests.Neighbours;

[Trait("Suite", "Unit")]
public sealed class NeighbourTableTests
{
    [Fact]
    public void While_lists_have_room_the_sums_are_those_of_a_dictionary_in_any_order() =>
        Gen.Select(Gen.Int[0, 30], Gen.Int[0, NeighbourTable.MostNeighbours - 1], Gen.Int[1, 8]).Array[0, 600].Sample(changes =>
        {
            var (table, shuffled, model) = (new NeighbourTable(), new NeighbourTable(), new Dictionary<(int, int), int>());
            foreach (var (item, neighbour, weight) in changes)
            {
                table.Add(Partial(item), Partial(neighbour), weight, 0);
                model[(item, neighbour)] = model.GetValueOrDefault((item, neighbour)) + weight;
            }
            foreach (var (item, neighbour, weight) in changes.Reverse())
                shuffled.Add(Partial(item), Partial(neighbour), weight, 0);
            Assert.Equal(model.Keys.Select(k => k.Item1).Distinct().Count(), table.Count);
            for (var item = 0; item <= 30; item++)
            {
                var expected = model.Where(m => m.Key.Item1 == item).Select(m => (Partial(m.Key.Item2), (float)m.Value)).Order().ToArray();
                Assert.Equal(expected, Read(table, item));
                Assert.Equal(expected, Read(shuffled, item));
            }
        });

    [Fact]
    public void A_full_list_keeps_the_heavy_neighbours_of_a_long_tail()
    {
        var table = new NeighbourTable();
        var random = new Random(1);
        for (var n = 0; n < 40_000; n++)
        {
            // Twenty neighbours share half of all pairs, two thousand the rest.
            var neighbour = random.Next(2) == 0 ? random.Next(20) : 20 + random.Next(2_000);
            table.Add(Partial(0), Partial(neighbour), 1, n);
        }
        var kept = Read(table, 0);
        Assert.Equal(NeighbourTable.MostNeighbours, kept.Length);
        foreach (var (_, weight) in Enumerable.Range(0, 20).Select(n => kept.Single(k => k.Key == Partial(n))))
            Assert.InRange(weight, 800, 1_200);
    }

    [Fact]
    public void Weights_beyond_ten_bits_keep_their_proportions()
    {
        var table = new NeighbourTable();
        for (var n = 0; n < 50_000; n++)
        {
            table.Add(Partial(0), Partial(1), 4, n);
            table.Add(Partial(0), Partial(2), 1, n);
        }
        var kept = Read(table, 0).ToDictionary();
        Assert.InRange(kept[Partial(1)], 190_000, 210_000);
        Assert.InRange(kept[Partial(2)], 42_000, 58_000);
    }

    [Fact]
    public void An_item_with_fifty_neighbours_takes_less_than_400_bytes()
    {
        const int Items = 20_000;
        var table = new NeighbourTable();
        for (var item = 0; item < Items; item++)
        {
            for (var neighbour = 0; neighbour < NeighbourTable.MostNeighbours; neighbour++)
                table.Add(Partial(item), Partial(neighbour), 1, 0);
        }
        // The last chunk is not full, and smaller lists that were outgrown wait for the next items.
        Assert.InRange(table.AllocatedBytes / (double)Items, 358, 400 + SmallLists(Items));

        static double SmallLists(int items) => 3 * 1_024 * (43 + 92 + 183) / (double)items;
    }

    [Fact]
    public void What_leaves_a_full_list_goes_on_where_it_was_and_comes_back()
    {
        var table = new NeighbourTable();
        for (var n = 0; n < NeighbourTable.MostNeighbours; n++)
            table.Add(Partial(0), Partial(n), n == 0 ? 3 : 8, 0);
        table.Add(Partial(0), Partial(100), 4, 0);
        Assert.DoesNotContain(Read(table, 0), n => n.Key == Partial(0));
        table.Add(Partial(0), Partial(0), 2, 0);
        Assert.Equal(5, Read(table, 0).Single(n => n.Key == Partial(0)).Weight);
        Assert.DoesNotContain(Read(table, 0), n => n.Key == Partial(100));
    }

    [Fact]
    public void Pairs_beyond_full_lists_are_found_again_when_other_lists_fill()
    {
        var table = new NeighbourTable();
        // Of one bucket, so that they share a sketch.
        var items = Enumerable.Range(0, 100_000).Where(i => Key64.Bucket(Key64.Of($"i{i}")) == 7).Take(100).ToArray();
        Fill(items[0]);
        table.Add(Partial(items[0]), Partial(1_000), 7, 0);
        foreach (var item in items[1..])
            Fill(item);
        table.Add(Partial(items[0]), Partial(1_000), 2, 0);
        Assert.Equal(9, Read(table, items[0]).Single(n => n.Key == Partial(1_000)).Weight);

        void Fill(int item)
        {
            for (var n = 0; n < NeighbourTable.MostNeighbours; n++)
                table.Add(Partial(item), Partial(n), 8, 0);
        }
    }

    [Fact]
    public void The_same_changes_give_the_same_list_again()
    {
        Assert.Equal(Run(), Run());

        static (ulong, float)[] Run()
        {
            var table = new NeighbourTable();
            var random = new Random(5);
            for (var n = 0; n < 20_000; n++)
                table.Add(Partial(0), Partial(random.Next(400)), 1 + random.Next(8), n);
            return Read(table, 0);
        }
    }

    [Fact]
    public void Partial_keys_pack_and_name_the_shard_of_their_key() => Gen.ULong.Array[0, 50].Sample(keys =>
    {
        var partials = Array.ConvertAll(keys, PartialKey.Of);
        var packed = PartialKey.Pack(partials);
        for (var i = 0; i < keys.Length; i++)
        {
            Assert.Equal(partials[i], PartialKey.At(packed, i));
            Assert.Equal(Key64.Shard(keys[i], 8), PartialKey.Shard(partials[i], 8));
        }
    });

    private static ulong Partial(int n) => PartialKey.Of(Key64.Of($"i{n}"));

    private static (ulong Key, float Weight)[] Read(NeighbourTable table, int item)
    {
        var neighbours = new Neighbour[NeighbourTable.MostNeighbours];
        return [.. neighbours[..table.Read(Partial(item), neighbours)].Select(n => (n.Key, n.Weight)).Order()];
    }
}
