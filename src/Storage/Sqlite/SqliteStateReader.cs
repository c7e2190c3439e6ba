using Microsoft.Data.Sqlite;

namespace KgOrleans.Storage.Sqlite;

/// <summary>Reads a grain state file outside a silo, and changes nothing in it. The silo may be running: the reader sees one consistent moment.</summary>
public sealed class SqliteStateReader : IDisposable
{
    private readonly string _path;
    private readonly SqliteConnection _connection;

    private SqliteStateReader(string path, SqliteConnection connection)
    {
        _path = path;
        _connection = connection;
    }

    /// <summary>Opens an existing file.</summary>
    /// <exception cref="StorageException">The file is absent, damaged, foreign, or of a newer version.</exception>
    public static SqliteStateReader Open(string path)
    {
        string full = Path.GetFullPath(path);
        return new SqliteStateReader(full, SqliteStateSchema.OpenReader(full));
    }

    /// <summary>Every stored state, ordered by state name and grain id (ordinal); cleared ones are left out.</summary>
    /// <param name="stateName">Only states of this name, or null for all.</param>
    /// <exception cref="StorageException">The file is damaged.</exception>
    public IEnumerable<StoredGrainState> ReadAll(string? stateName = null)
    {
        using var command = _connection.CreateCommand();
        // Files of older releases, which a reader leaves as they are, have no checksums.
        string checksum = SqliteStateSchema.Scalar(_connection, "PRAGMA user_version") < 3 ? "NULL" : "checksum";
        command.CommandText = $"SELECT name, grain_id, payload, version, {checksum} FROM grain_state WHERE length(payload) > 0 AND ($name IS NULL OR name = $name) ORDER BY name, "
            + "grain_id";
        command.Parameters.AddWithValue("$name", (object?)stateName ?? DBNull.Value);
        using var reader = Guarded(command.ExecuteReader);
        while (Guarded(reader.Read))
            yield return Guarded(() => State(reader));
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _connection.Dispose();

    private StoredGrainState State(SqliteDataReader reader)
    {
        var state = new StoredGrainState(reader.GetString(0), reader.GetString(1), reader.GetFieldValue<byte[]>(2));
        long? checksum = reader.IsDBNull(4) ? null : reader.GetInt64(4);
        SqliteStateSchema.RequireIntact(_path, state.StateName, state.GrainId, reader.GetInt64(3), state.Payload, checksum);
        return state;
    }

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (SqliteException exception)
        {
            throw SqliteStateSchema.Failure(_path, exception);
        }
    }
}

/// <summary>A grain's state as stored.</summary>
/// <param name="StateName">Name of the persistent state.</param>
/// <param name="GrainId">Grain id, <c>type/key</c>.</param>
/// <param name="Payload">The serialized state.</param>
public readonly record struct StoredGrainState(string StateName, string GrainId, byte[] Payload);
