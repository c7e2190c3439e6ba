namespace KgOrleans.Ranking.Factors;

/// <summary>A binary matrix by rows: the columns of each row, ascending, each once.</summary>
public sealed class SparseRows
{
    private readonly int[] _offsets;
    private readonly int[] _columns;

    private SparseRows(int[] offsets, int[] columns, int columnCount) => (_offsets, _columns, ColumnCount) = (offsets, columns, columnCount);

    /// <summary>Rows.</summary>
    public int RowCount => _offsets.Length - 1;

    /// <summary>Columns.</summary>
    public int ColumnCount { get; }

    /// <summary>Entries of all rows.</summary>
    public int EntryCount => _columns.Length;

    /// <summary>Columns of a row.</summary>
    public ReadOnlySpan<int> this[int row] => _columns.AsSpan(_offsets[row].._offsets[row + 1]);

    /// <summary>
    /// A matrix of lists in any order; a column that a list names twice counts once. Throws <see cref="ArgumentOutOfRangeException"/> for a column that there
    /// is not.
    /// </summary>
    public static SparseRows Of(IReadOnlyList<IReadOnlyCollection<int>> rows, int columnCount)
    {
        var offsets = new int[rows.Count + 1];
        var columns = new List<int>();
        for (var row = 0; row < rows.Count; row++)
        {
            int[] sorted = [.. rows[row]];
            Array.Sort(sorted);
            for (var i = 0; i < sorted.Length; i++)
            {
                ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)sorted[i], (uint)columnCount, nameof(rows));
                if (i == 0 || sorted[i] != sorted[i - 1])
                    columns.Add(sorted[i]);
            }
            offsets[row + 1] = columns.Count;
        }
        return new SparseRows(offsets, [.. columns], columnCount);
    }

    /// <summary>The same matrix by columns.</summary>
    public SparseRows Transpose()
    {
        var offsets = new int[ColumnCount + 1];
        foreach (var column in _columns)
            offsets[column + 1]++;
        for (var column = 0; column < ColumnCount; column++)
            offsets[column + 1] += offsets[column];
        var next = offsets.AsSpan(0, ColumnCount).ToArray();
        var rows = new int[_columns.Length];
        for (var row = 0; row < RowCount; row++)
        {
            foreach (var column in this[row])
                rows[next[column]++] = row;
        }
        return new SparseRows(offsets, rows, RowCount);
    }
}
