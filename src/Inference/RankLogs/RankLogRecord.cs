using System.Runtime.InteropServices;
using KgOrleans.Inference.Features;

namespace KgOrleans.Inference.RankLogs;

/// <summary>One request of a rank log: its tensors and labels, column by column. Grows row by row; reused after <see cref="Clear"/>.</summary>
public sealed class RankLogRecord
{
    private const int FirstRows = 16;
    private readonly byte[][] _columns;

    /// <summary>An empty record of a log.</summary>
    public RankLogRecord(RankLogHeader header)
    {
        Header = header;
        _columns = [.. header.Columns.Select(c => new byte[c.RowBytes * (c.PerRequest ? 1 : FirstRows)])];
    }

    /// <summary>The log's header.</summary>
    public RankLogHeader Header { get; }

    /// <summary>Number of logged items.</summary>
    public int Rows { get; private set; }

    /// <summary>Removes all rows; the values of the request stay until they are overwritten.</summary>
    public void Clear() => Rows = 0;

    /// <summary>Adds a row of zeros and returns its number.</summary>
    public int AddRow()
    {
        for (var c = 0; c < _columns.Length; c++)
        {
            var column = Header.Columns[c];
            if (column.PerRequest)
                continue;
            var end = (Rows + 1) * column.RowBytes;
            if (end > _columns[c].Length)
                Array.Resize(ref _columns[c], 2 * end);
            _columns[c].AsSpan(Rows * column.RowBytes, column.RowBytes).Clear();
        }
        return Rows++;
    }

    /// <summary>Values of one row of a column, to read or write; a column of the request has row 0 only.</summary>
    public Span<T> Row<T>(int column, int row) where T : unmanaged
    {
        var bytes = Header.Columns[column].RowBytes;
        return MemoryMarshal.Cast<byte, T>(_columns[column].AsSpan(row * bytes, bytes));
    }

    /// <summary>Values of one row of a named column. Throws <see cref="ArgumentException"/> when the log lacks it.</summary>
    public Span<T> Row<T>(string column, int row = 0) where T : unmanaged =>
        Header.Find(column) is var i and >= 0 ? Row<T>(i, row) : throw new ArgumentException($"the log has no column {column}", nameof(column));

    /// <summary>Fills the tensors of the request, or of one item, from a source.</summary>
    /// <param name="plan">The plan that the header was made from: its inputs are the first columns.</param>
    /// <param name="source">Where features come from.</param>
    /// <param name="row">Row of the item; null to fill the tensors of the request.</param>
    public void Fill(FeaturePlan plan, in FeatureSource source, int? row)
    {
        for (var i = 0; i < plan.Inputs.Count; i++)
        {
            var input = plan.Inputs[i];
            if (input.IsPerRequest != row is null)
                continue;
            if (input.Spec.Type == TensorType.Float)
                input.Fill(source, Row<float>(i, row ?? 0));
            else
                input.Fill(source, Row<long>(i, row ?? 0));
        }
    }

    internal ReadOnlySpan<byte> Bytes(int column) => _columns[column].AsSpan(0, BytesOf(column));

    internal int BytesOf(int column) => Header.Columns[column].RowBytes * (Header.Columns[column].PerRequest ? 1 : Rows);

    internal int PayloadBytes => sizeof(int) + Enumerable.Range(0, _columns.Length).Sum(BytesOf);

    internal void Read(ReadOnlySpan<byte> payload, int rows)
    {
        Rows = rows;
        for (var c = 0; c < _columns.Length; c++)
        {
            var bytes = BytesOf(c);
            if (_columns[c].Length < bytes)
                _columns[c] = new byte[bytes];
            payload[..bytes].CopyTo(_columns[c]);
            payload = payload[bytes..];
        }
    }
}
