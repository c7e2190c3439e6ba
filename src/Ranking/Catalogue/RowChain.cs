namespace KgOrleans.Ranking.Catalogue;

/// <summary>Row to the row of the same item before it. One writer appends; readers of any age may follow it, since it outlives the views of its generation.</summary>
internal sealed class RowChain
{
    private const int Length = 1024;
    private int[][] _chunks = [];

    /// <summary>The row before; -1 for an item's first.</summary>
    public int this[int row] => Volatile.Read(ref _chunks)[row / Length][row % Length];

    /// <summary>Appends a row. Writer only.</summary>
    public void Append(int row, int previous)
    {
        if (row / Length >= _chunks.Length)
            Volatile.Write(ref _chunks, [.. _chunks, new int[Length]]);
        _chunks[row / Length][row % Length] = previous;
    }
}
