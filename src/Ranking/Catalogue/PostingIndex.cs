using System.Collections.Concurrent;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>Key to ascending rows. One writer appends; readers take the rows below their view's count without locks.</summary>
internal sealed class PostingIndex
{
    private readonly ConcurrentDictionary<ulong, Posting> _postings = new();

    /// <summary>Appends a row; rows come in ascending order. Writer only.</summary>
    public void Add(ulong key, int row)
    {
        if (key != 0)
            _postings.GetOrAdd(key, static _ => new Posting()).Add(row);
    }

    /// <summary>Rows of a key below a count, dead ones included.</summary>
    public ReadOnlySpan<int> Rows(ulong key, int rowCount) =>
        _postings.TryGetValue(key, out var posting) ? posting.Rows(rowCount) : [];

    private sealed class Posting
    {
        private int[] _rows = new int[4];
        private int _count;

        public void Add(int row)
        {
            if (_count == _rows.Length)
            {
                var larger = new int[_rows.Length * 2];
                _rows.CopyTo(larger, 0);
                Volatile.Write(ref _rows, larger);
            }
            _rows[_count] = row;
            Volatile.Write(ref _count, _count + 1);
        }

        public ReadOnlySpan<int> Rows(int rowCount)
        {
            // The count is read before the array: an array that is read later is at least as long.
            var count = Volatile.Read(ref _count);
            var rows = Volatile.Read(ref _rows).AsSpan(0, count);
            while (rows.Length > 0 && rows[^1] >= rowCount)
                rows = rows[..^1];
            return rows;
        }
    }
}
