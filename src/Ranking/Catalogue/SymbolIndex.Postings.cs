namespace KgOrleans.Ranking.Catalogue;

/// <summary>Reading the rows of a symbol while the writer appends.</summary>
internal sealed unsafe partial class SymbolIndex
{
    /// <summary>Runs of ascending rows: the newest block first, the two oldest rows last.</summary>
    public ref struct Postings
    {
        private readonly SymbolIndex _index;
        private readonly Entry* _entry;
        private readonly int _rowCount;
        private uint _block;
        private bool _isAtEnd;

        internal Postings(SymbolIndex index, int symbol, int rowCount)
        {
            _index = index;
            _entry = index.At(symbol);
            _rowCount = rowCount;
            _block = Volatile.Read(ref _entry->Tail);
        }

        /// <summary>The run.</summary>
        public ReadOnlySpan<int> Current { get; private set; }

        /// <summary>This.</summary>
        public readonly Postings GetEnumerator() => this;

        /// <summary>Moves to the next run, which may be empty.</summary>
        public bool MoveNext()
        {
            if (_isAtEnd || _entry is null)
                return false;
            if (_block != 0)
            {
                var block = (Block*)_index._lists.At(_block);
                Current = Trim(new ReadOnlySpan<int>(block->Rows, Volatile.Read(ref block->Filled)));
                _block = block->Previous;
                return true;
            }
            _isAtEnd = true;
            Current = Trim(new ReadOnlySpan<int>(&_entry->First, 2));
            return true;
        }

        // Rows of later views are larger, and absent ones negative: both end a run.
        private readonly ReadOnlySpan<int> Trim(ReadOnlySpan<int> rows)
        {
            while (!rows.IsEmpty && (uint)rows[^1] >= (uint)_rowCount)
                rows = rows[..^1];
            return rows;
        }
    }
}
