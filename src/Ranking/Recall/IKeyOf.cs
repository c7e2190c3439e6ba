using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>Keys of items by number: given, or looked up when they decide.</summary>
internal interface IKeyOf
{
    ulong At(int i);
}

/// <summary>Given keys.</summary>
internal readonly ref struct KnownKeys(ReadOnlySpan<ulong> keys) : IKeyOf
{
    private readonly ReadOnlySpan<ulong> _keys = keys;

    public ulong At(int i) => _keys[i];
}

/// <summary>Keys of rows.</summary>
internal readonly ref struct RowKeys(RowStore store, ReadOnlySpan<int> rows) : IKeyOf
{
    private readonly ReadOnlySpan<int> _rows = rows;

    public ulong At(int i) => store.KeyAt(_rows[i]);
}
