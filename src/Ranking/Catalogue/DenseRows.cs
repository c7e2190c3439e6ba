namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// The rows of a common symbol as a bitmap beside its postings: made when it is first asked for, and extended by the new rows of later views. The bit of a
/// row never changes, so readers of older views are not disturbed while rows are added.
/// </summary>
internal sealed class DenseRows
{
    private ulong[] _bits = [];
    private int _rows;

    /// <summary>The bitmap, complete up to a number of rows. One caller at a time; bitmaps from earlier calls stay valid for their own rows.</summary>
    /// <param name="index">Index of the symbol.</param>
    /// <param name="symbol">The symbol.</param>
    /// <param name="rowCount">Rows of the view.</param>
    /// <param name="words">Words of a bitmap of all the view's chunks.</param>
    /// <returns>Pinned, so that kernels may read it by address as long as they hold it.</returns>
    public ulong[] UpTo(SymbolIndex index, int symbol, int rowCount, int words)
    {
        if (_bits.Length < words)
        {
            // A quarter more than needed: a catalogue that grows copies each bitmap now and then, not with every chunk.
            var longer = GC.AllocateArray<ulong>(Math.Max(words, _bits.Length + (_bits.Length / 4)), pinned: true);
            _bits.CopyTo(longer, 0);
            _bits = longer;
        }
        if (rowCount <= _rows)
            return _bits;
        foreach (var rows in index.Rows(symbol, rowCount))
        {
            for (var i = rows.Length - 1; i >= 0 && rows[i] >= _rows; i--)
                Volatile.Write(ref _bits[rows[i] >> 6], _bits[rows[i] >> 6] | (1UL << rows[i]));
            // Newest runs come first: the remaining ones hold rows that the bitmap has already.
            if (!rows.IsEmpty && rows[0] < _rows)
                break;
        }
        _rows = rowCount;
        return _bits;
    }
}
