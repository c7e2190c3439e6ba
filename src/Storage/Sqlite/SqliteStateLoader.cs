namespace KgOrleans.Storage.Sqlite;

/// <summary>Adds states to a grain state file outside a silo, byte for byte. Nobody else may have the file open for writing.</summary>
public sealed class SqliteStateLoader : IAsyncDisposable
{
    private readonly SqliteStateStore _store;

    private SqliteStateLoader(SqliteStateStore store) => _store = store;

    /// <summary>Opens a file, creating it when absent.</summary>
    /// <exception cref="StorageException">The file is in use, damaged, foreign, or of a newer version.</exception>
    public static SqliteStateLoader Open(string path) => new(SqliteStateStore.Open(new SqliteGrainStorageOptions { Path = path }, TimeProvider.System));

    /// <summary>Adds a state that is not there yet; durable when it returns. An existing one is left alone.</summary>
    /// <returns>Null when the state was added, else what is stored.</returns>
    /// <exception cref="StorageException">The file could not be read or written.</exception>
    public async Task<byte[]?> AddAsync(StoredGrainState state, CancellationToken cancellationToken)
    {
        var added = await _store.WriteAsync(state.StateName, state.GrainId, state.Payload, expected: null, cancellationToken);
        return added.Applied ? null : (await _store.ReadAsync(state.StateName, state.GrainId, cancellationToken))?.Payload ?? [];
    }

    /// <summary>Closes the file.</summary>
    public ValueTask DisposeAsync() => _store.DisposeAsync();
}
