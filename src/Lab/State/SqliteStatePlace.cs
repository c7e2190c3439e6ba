using System.Runtime.CompilerServices;
using KgOrleans.CommandLine;
using KgOrleans.Storage.Sqlite;

namespace KgOrleans.Lab.State;

/// <summary>A grain state file, opened so that no silo can have it at the same time.</summary>
internal sealed class SqliteStatePlace : IStatePlace
{
    private readonly string _path;
    private readonly SqliteStateLoader _file;

    private SqliteStatePlace(string path, SqliteStateLoader file)
    {
        _path = path;
        _file = file;
    }

    /// <summary>Opens a file; one to read from must exist.</summary>
    public static SqliteStatePlace Open(string path, bool mustExist) =>
        !mustExist || File.Exists(path) ? new(path, SqliteStateLoader.Open(path)) : throw new InputException($"sqlite:{path}: there is no such file");

    /// <inheritdoc />
    public async IAsyncEnumerable<StoredGrainState> ReadAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var reader = SqliteStateReader.Open(_path);
        foreach (var state in reader.ReadAll())
        {
            cancellation.ThrowIfCancellationRequested();
            yield return state;
        }
        await Task.CompletedTask;
    }

    /// <inheritdoc />
    public Task<byte[]?> AddAsync(StoredGrainState state, CancellationToken cancellation) => _file.AddAsync(state, cancellation);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _file.DisposeAsync();
}
