using System.Text;

namespace KgOrleans.Import.Sets;

/// <summary>Rows of a file with a header line, as tab- or comma-separated text.</summary>
public sealed class DelimitedFile : IDisposable
{
    private const string WrongColumns = "wrong number of columns";

    private readonly StreamReader _reader;
    private readonly char _separator;
    private readonly Dictionary<string, int> _columns = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Opens a file and reads its header. Comma-separated fields may be quoted; quotes mean nothing between tabs.</summary>
    public DelimitedFile(Stream stream, string name, Encoding encoding, char separator)
    {
        _reader = new StreamReader(stream, encoding, detectEncodingFromByteOrderMarks: true);
        _separator = separator;
        Report = new FileReport(name);
        var header = _reader.ReadLine() ?? throw new InvalidDataException($"{name} is empty");
        var names = Split(header);
        for (var i = 0; i < names.Length; i++)
            _columns.TryAdd(names[i].Trim(), i);
    }

    /// <summary>What became of the rows.</summary>
    public FileReport Report { get; }

    /// <summary>Position of a column that must be there.</summary>
    public int Column(string name) =>
        FindColumn(name) ?? throw new InvalidDataException($"{Report.Name} has no column '{name}'; it has {string.Join(", ", _columns.Keys)}");

    /// <summary>Position of a column; null when the file has none of this name.</summary>
    public int? FindColumn(string name) => _columns.TryGetValue(name, out var i) ? i : null;

    /// <summary>All rows with as many fields as the header; the others are refused in the report.</summary>
    public IEnumerable<Row> Rows()
    {
        for (long line = 2; _reader.ReadLine() is { } text; line++)
        {
            if (text.Length == 0)
                continue;
            Report.Read++;
            var row = new Row(line, Split(text));
            if (row.Fields.Length == _columns.Count)
                yield return row;
            else
                Report.Reject(WrongColumns, row);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _reader.Dispose();

    private string[] Split(string line)
    {
        if (_separator != ',' || !line.Contains('"'))
            return line.Split(_separator);
        var fields = new List<string>();
        var field = new StringBuilder();
        var quoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"')
            {
                field.Append('"');
                i++;
            }
            else if (c == '"')
            {
                quoted = !quoted;
            }
            else if (c == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
            {
                field.Append(c);
            }
        }
        fields.Add(field.ToString());
        return [.. fields];
    }
}
