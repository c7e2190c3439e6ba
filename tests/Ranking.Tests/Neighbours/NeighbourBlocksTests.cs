using CsCheck;
using KgOrleans.Ranking.Neighbours;

namespace KgOrleans.Ranking.Tests.Neighbours;

[Trait("Suite", "Unit")]
public sealed class NeighbourBlocksTests
{
    [Fact]
    public void A_table_that_was_written_and_read_goes_on_exactly_as_the_other() =>
        Gen.Select(Gen.Int[0, 3_000], Gen.Int[0, 3_000], Gen.Int[1, 300], Gen.Int[0, int.MaxValue - 1]).Sample(
            (before, after, neighbours, seed) =>
            {
                var (table, copy, random) = (new NeighbourTable(), new NeighbourTable(), new Random(seed));
                for (var i = 0; i < before; i++)
                    Add(table);
                foreach (var block in table.ToBlocks())
                    copy.AddBlock(block);
                AssertEqual(table, copy);
                for (var i = 0; i < after; i++)
                {
                    var again = new Random(random.Next());
                    var seedOfBoth = again.Next();
                    Add(table, new Random(seedOfBoth));
                    Add(copy, new Random(seedOfBoth));
                }
                AssertEqual(table, copy);

                void Add(NeighbourTable target, Random? from = null)
                {
                    from ??= random;
                    target.Add((ulong)from.Next(1, 6), (ulong)from.Next(10, 10 + neighbours), from.Next(1, 16), from.Next());
                }
            }, iter: 100);

    [Fact]
    public void Many_items_make_several_blocks()
    {
        var (table, copy) = (new NeighbourTable(), new NeighbourTable());
        for (var item = 1UL; item < 30_000; item++)
            table.Add(item, item + 1, 3, 0);
        var blocks = table.ToBlocks();
        Assert.True(blocks.Count > 1);
        foreach (var block in blocks)
            copy.AddBlock(block);
        Assert.Equal(table.Count, copy.Count);
        Span<Neighbour> read = new Neighbour[NeighbourTable.MostNeighbours];
        Assert.Equal(1, copy.Read(29_999, read));
        Assert.Equal(new Neighbour(30_000, 3), read[0]);
        Assert.Throws<FormatException>(() => copy.AddBlock(blocks[0]));
    }

    [Fact]
    public void Bytes_that_are_no_block_are_refused()
    {
        var table = new NeighbourTable();
        for (var i = 0; i < 60; i++)
            table.Add(1, (ulong)i + 2, 3, 0);
        foreach (var block in table.ToBlocks())
        {
            Assert.Throws<FormatException>(() => new NeighbourTable().AddBlock(block[..^1]));
            Assert.Throws<FormatException>(() => new NeighbourTable().AddBlock([3, .. block[1..]]));
        }
        Assert.Throws<FormatException>(() => new NeighbourTable().AddBlock([]));
    }

    private static void AssertEqual(NeighbourTable expected, NeighbourTable actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        for (var item = 1UL; item < 6; item++)
            Assert.Equal(Read(expected, item), Read(actual, item));
    }

    private static Neighbour[] Read(NeighbourTable table, ulong item)
    {
        var read = new Neighbour[NeighbourTable.MostNeighbours];
        return read[..table.Read(item, read)];
    }
}
