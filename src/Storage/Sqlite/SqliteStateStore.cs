using System.Collections.Concurrent;
using KgOrleans.Storage.Files;
using Microsoft.Data.Sqlite;

namespace KgOrleans.Storage.Sqlite;

/// <summary>States by (name, grain id) in one SQLite file in WAL mode: one writer, several readers, durable when a write returns.</summary>
internal sealed class SqliteStateStore : IAsyncDisposable
{
    private readonly string _path;
    private readonly FileStream _lock;
    private readonly SqliteStateWriter _writer;
    private readonly int _readerCount;
    private readonly SemaphoreSlim _readers;
    private readonly ConcurrentBag<StateReaderConnection> _idle = [];
    private volatile bool _closed;

    private SqliteStateStore(string path, FileStream fileLock, SqliteStateWriter writer, int readers)
    {
        _path = path;
        _lock = fileLock;
        _writer = writer;
        _readerCount = readers;
        _readers = new SemaphoreSlim(readers);
    }

    /// <summary>Opens the file, creating it when absent, and keeps other processes from opening it for writing.</summary>
    /// <exception cref="StorageException">The file is in use, damaged, foreign, of another service, or of a newer version.</exception>
    public static SqliteStateStore Open(SqliteGrainStorageOptions options, TimeProvider time)
    {
        string path = Path.GetFullPath(options.Path);
        var fileLock = TakeLock(path);
        SqliteConnection? connection = null;
        try
        {
            SqliteStateMark.RequireFile(path);
            connection = SqliteStateSchema.OpenWriter(path, options.MaxCheckedBytes, options.ServiceId);
            var mark = SqliteStateMark.Open(path, connection);
            var writer = new SqliteStateWriter(path, connection, mark, options.MaxBatchWrites, options.MaxQueuedWrites, time);
            return new SqliteStateStore(path, fileLock, writer, options.ReaderConnections);
        }
        catch (Exception exception)
        {
            connection?.Dispose();
            fileLock.Dispose();
            if (exception is SqliteException sqlite)
                throw SqliteStateSchema.Failure(path, sqlite);
            throw;
        }
    }

    public ValueTask<StateWriteResult> WriteAsync(string name, string grainId, byte[]? payload, long? expected, CancellationToken cancellationToken) =>
        _writer.WriteAsync(new StateWrite(name, grainId, payload, expected), cancellationToken);

    /// <summary>Reads the newest durable state, or null when there is none.</summary>
    public async ValueTask<StateRow?> ReadAsync(string name, string grainId, CancellationToken cancellationToken)
    {
        await _readers.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            // SQLite reads block, and the caller may be in a grain's turn.
            return await Task.Run(() => Read(name, grainId), cancellationToken);
        }
        catch (SqliteException exception)
        {
            throw SqliteStateSchema.Failure(_path, exception);
        }
        finally
        {
            _readers.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _closed = true;
        for (int i = 0; i < _readerCount; i++)
            await _readers.WaitAsync();
        while (_idle.TryTake(out var reader))
            reader.Dispose();
        _readers.Release(_readerCount);
        await _writer.DisposeAsync();
        await _lock.DisposeAsync();
    }

    /// <summary>
    /// SQLite's own exclusive mode would lock out readers such as backups and <see cref="SqliteStateReader"/>: only a second writer is one too many.
    /// </summary>
    private static FileStream TakeLock(string path)
    {
        try
        {
            DirectorySync.Create(Path.GetDirectoryName(path)!);
            return FileLock.Take(path + "-lock");
        }
        catch (UnauthorizedAccessException exception)
        {
            throw new StorageException($"Grain state file {path} is not writable: {exception.Message}", isTransient: false, exception);
        }
        catch (IOException exception)
        {
            var held = FileLock.IsHeld(exception);
            throw new StorageException(
                $"Grain state file {path} {(held ? "is in use by another process" : "cannot be locked")}: {exception.Message}", isTransient: held, exception);
        }
    }

    private StateRow? Read(string name, string grainId)
    {
        if (!_idle.TryTake(out var reader))
            reader = new StateReaderConnection(SqliteStateSchema.OpenReader(_path));
        try
        {
            var row = reader.Read(name, grainId);
            _idle.Add(reader);
            return row;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private sealed class StateReaderConnection : IDisposable
    {
        private readonly SqliteConnection _connection;
        private readonly SqliteCommand _select;
        private readonly SqliteParameter _name = new("$name", SqliteType.Text);
        private readonly SqliteParameter _grainId = new("$id", SqliteType.Text);

        public StateReaderConnection(SqliteConnection connection)
        {
            _connection = connection;
            _select = connection.CreateCommand();
            _select.CommandText = "SELECT payload, version, checksum FROM grain_state WHERE name = $name AND grain_id = $id";
            _select.Parameters.Add(_name);
            _select.Parameters.Add(_grainId);
        }

        public StateRow? Read(string name, string grainId)
        {
            _name.Value = name;
            _grainId.Value = grainId;
            using var reader = _select.ExecuteReader();
            if (!reader.Read())
                return null;
            var row = new StateRow(reader.GetFieldValue<byte[]>(0), reader.GetInt64(1));
            try
            {
                SqliteStateSchema.RequireIntact(
                    _connection.DataSource, name, grainId, row.Version, row.Payload, reader.IsDBNull(2) ? null : reader.GetInt64(2));
                return row;
            }
            catch (StorageException damage)
            {
                // The version is still what a write has to name that replaces the state.
                return row with { Damage = damage };
            }
        }

        public void Dispose()
        {
            _select.Dispose();
            _connection.Dispose();
        }
    }
}
