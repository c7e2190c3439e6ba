using CsCheck;
using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Tests.Catalogue;

[Trait("Suite", "Unit")]
public sealed class KeyTableTests
{
    private readonly struct Keys(List<ulong> keys) : IKeyed
    {
        public ulong KeyAt(int number) => keys[number];
    }

    // Keys of few upper halves share fingerprints, slots and directories: everything that can collide does.
    private static readonly Gen<ulong> Key = Gen.Frequency(
        (3, Gen.ULong),
        (2, Gen.Select(Gen.ULong[0, 3], Gen.ULong[0, 40]).Select((high, low) => (high << 32) | low)),
        (1, Gen.ULong[0, 20].Select(low => ulong.MaxValue - low)));

    [Fact]
    public void A_table_finds_what_a_dictionary_finds_whatever_collides() => Gen.Select(Key.Array[0, 3_000], Gen.Int[0, 4]).Sample((writes, bits) =>
    {
        using var memory = new PartitionMemory();
        var keys = new List<ulong>();
        var table = new KeyTable<Keys>(memory, new Keys(keys), bits);
        var expected = new Dictionary<ulong, int>();
        foreach (var key in writes)
        {
            Assert.Equal(expected.GetValueOrDefault(key, -1), table.Find(key));
            keys.Add(key);
            table.Set(key, keys.Count - 1, expected.GetValueOrDefault(key, -1));
            expected[key] = keys.Count - 1;
        }
        foreach (var (key, number) in expected)
            Assert.Equal(number, table.Find(key));
        Assert.Equal(-1, table.Find(0x1234_5678_9ABC_DEF0));
    }, iter: 100);

    [Fact]
    public void The_rows_of_symbols_are_those_of_a_dictionary_below_any_count() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[0, 3].Array[0, 6_000], Gen.Int[0, 6_000]).Sample((values, fields, count) =>
    {
        using var memory = new PartitionMemory();
        var index = new SymbolIndex(memory, new TextHeap(memory), new IntHeap(memory));
        var expected = new List<int>[values];
        for (var row = 0; row < fields.Length; row++)
        {
            var value = fields[row] % values;
            index.Post(index.Add((ulong)value + 100, [(byte)('a' + value)]), row);
            (expected[value] ??= []).Add(row);
        }
        for (var value = 0; value < values; value++)
        {
            var found = new List<int>();
            foreach (var rows in index.Rows(index.Find((ulong)value + 100), count))
                found.AddRange(rows);
            Assert.Equal((expected[value] ?? []).Where(r => r < count), found.Order());
            if (expected[value] is not null)
                Assert.Equal(((char)('a' + value)).ToString(), index.NameOf(index.Find((ulong)value + 100)));
        }
        Assert.Equal((0, 0), (index.Find(0), index.Find(7)));
    }, iter: 100);
}
