using KgOrleans.Import.Sets;
using nietras.SeparatedValues;

namespace KgOrleans.Import.Csv;

/// <summary>
/// A CSV file with a header line. The separator (comma, semicolon, tab or bar) follows from the header; fields may be quoted, with line ends inside.
/// </summary>
public sealed class CsvTable
{
    private readonly Func<Stream> _open;

    /// <summary>Reads the header of a file.</summary>
    /// <param name="name">Name for messages.</param>
    /// <param name="open">Opens the file; called once for each reading.</param>
    /// <exception cref="InvalidDataException">The file is empty.</exception>
    public CsvTable(string name, Func<Stream> open)
    {
        (Name, _open) = (name, open);
        using var reader = Reader();
        Columns = [.. reader.Header.ColNames.Select(c => c.Trim('\uFEFF', ' ', '"'))];
        if (Columns.Count == 0)
            throw new InvalidDataException($"{name} is empty");
    }

    /// <summary>Name for messages.</summary>
    public string Name { get; }

    /// <summary>Names of the columns.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Reads all rows; those with another number of fields than the header are refused in the report.</summary>
    public IEnumerable<Row> Rows(FileReport report)
    {
        using var reader = Reader();
        while (reader.MoveNext())
        {
            var row = Copy(reader);
            if (row.Fields is [""])
                continue;
            report.Read++;
            if (row.Fields.Length == Columns.Count)
                yield return row;
            else
                report.Reject("wrong number of columns", row);
        }
    }

    private static Row Copy(SepReader reader)
    {
        var row = reader.Current;
        var fields = new string[row.ColCount];
        for (var i = 0; i < fields.Length; i++)
            fields[i] = row[i].ToString();
        return new Row(row.LineNumberFrom, fields);
    }

    private SepReader Reader() =>
        Sep.Reader(o => o with { Unescape = true, DisableColCountCheck = true, ColNameComparer = StringComparer.OrdinalIgnoreCase }).From(_open());
}
