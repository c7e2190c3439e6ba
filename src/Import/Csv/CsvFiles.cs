using KgOrleans.Import.Sets;

namespace KgOrleans.Import.Csv;

/// <summary>The CSV files of a path: one file, or all *.csv of a directory or zip file.</summary>
public sealed class CsvFiles : IDisposable
{
    private readonly DataFolder? _folder;

    private CsvFiles(DataFolder? folder, IReadOnlyList<CsvTable> tables) => (_folder, Tables) = (folder, tables);

    /// <summary>The files, by name.</summary>
    public IReadOnlyList<CsvTable> Tables { get; }

    /// <summary>Opens a path. Throws <see cref="InvalidDataException"/> when it holds no CSV file.</summary>
    public static CsvFiles Open(string path)
    {
        if (File.Exists(path) && !path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
            return new CsvFiles(null, [new CsvTable(Path.GetFileName(path), () => File.OpenRead(path))]);
        var folder = DataFolder.Open(path);
        var tables = folder.Find("*.csv").Select(f => new CsvTable(f, () => folder.Read(f))).ToList();
        if (tables.Count > 0)
            return new CsvFiles(folder, tables);
        folder.Dispose();
        throw new InvalidDataException($"{path} has no *.csv");
    }

    /// <inheritdoc />
    public void Dispose() => _folder?.Dispose();
}
