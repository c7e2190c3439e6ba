using System.IO.Compression;
using System.IO.Enumeration;

namespace KgOrleans.Import.Sets;

/// <summary>A downloaded data set: a zip file or a directory, its files in whatever folder.</summary>
public sealed class DataFolder : IDisposable
{
    private readonly string _path;
    private readonly ZipArchive? _zip;
    private readonly SortedDictionary<string, Func<Stream>> _files = new(StringComparer.Ordinal);

    private DataFolder(string path, ZipArchive? zip)
    {
        _path = path;
        _zip = zip;
    }

    /// <summary>Opens a zip file or a directory. Throws <see cref="InvalidDataException"/> when it is neither.</summary>
    public static DataFolder Open(string path)
    {
        if (Directory.Exists(path))
        {
            var folder = new DataFolder(path, null);
            foreach (var file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories))
                folder._files.Add(Path.GetRelativePath(path, file).Replace('\\', '/'), () => File.OpenRead(file));
            return folder;
        }
        if (!File.Exists(path))
            throw new InvalidDataException($"{path}: no such file or directory");
        try
        {
            var zip = ZipFile.OpenRead(path);
            var folder = new DataFolder(path, zip);
            foreach (var entry in zip.Entries.Where(e => e.Name.Length > 0))
                folder._files.TryAdd(entry.FullName, entry.Open);
            return folder;
        }
        catch (InvalidDataException)
        {
            throw new InvalidDataException($"{path} is not a zip file; unpack other archives and give the directory");
        }
    }

    /// <summary>Paths of the files whose name matches a pattern with <c>*</c>, in order.</summary>
    public IReadOnlyList<string> Find(string pattern) =>
        [.. _files.Keys.Where(p => FileSystemName.MatchesSimpleExpression(pattern, p.AsSpan(p.LastIndexOf('/') + 1), ignoreCase: true))];

    /// <summary>Path of the one file of a pattern. Throws <see cref="InvalidDataException"/> when there is none, or more.</summary>
    public string Single(string pattern, string dataSet)
    {
        var found = Find(pattern);
        return found.Count switch
        {
            1 => found[0],
            0 => throw new InvalidDataException($"{_path} has no {pattern}: is it {dataSet}?"),
            _ => throw new InvalidDataException($"{_path} has {found.Count} files {pattern} ({string.Join(", ", found)}): give the folder of one version"),
        };
    }

    /// <summary>Opens a file by its path.</summary>
    public Stream Read(string file) => _files[file]();

    /// <inheritdoc />
    public void Dispose() => _zip?.Dispose();
}
