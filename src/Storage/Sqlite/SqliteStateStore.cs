using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace KgOrleans.Storage.Sqlite;

/// <summary>States by (name, grain id) in one SQLite file in WAL mode: one writer, several readers, durable when a write returns.</summary>
internal sealed class SqliteStateStore : IAsyncDisposable
{
    private readonly string _path;
    private readonly SqliteStateWriter _writer;
    private readonly int _readerCount;
    private readonly SemaphoreSlim _readers;
    private readonly ConcurrentBag<StateReaderConnection> _idle = [];
    private volatile bool _closed;

    private SqliteStateStore(string path, SqliteStateWriter writer, int readers)
    {
        _path = path;
        _writer = writer;
        _readerCount = readers;
        _readers = new SemaphoreSlim(readers);
    }

    /// <summary>Opens the file, creating it when absent.</summary>
    /// <exception cref="StorageException">The file is damaged, foreign, or of a newer version.</exception>
    public static SqliteStateStore Open(SqliteGrainStorageOptions options, TimeProvider time)
    {
        string path = Path.GetFullPath(options.Path);
        var connection = SqliteStateSchema.OpenWriter(path, options.MaxCheckedBytes);
        try
        {
            return new SqliteStateStore(path, new SqliteStateWriter(path, connection, options.MaxBatchWrites, options.MaxQueuedWrites, time), options.ReaderConnections);
        }
        catch (SqliteException exception)
        {
            connection.Dispose();
            throw SqliteStateSchema.Failure(path, exception);
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
            _select.CommandText = "SELECT payload, version FROM grain_state WHERE name = $name AND grain_id = $id";
            _select.Parameters.Add(_name);
            _select.Parameters.Add(_grainId);
        }

        public StateRow? Read(string name, string grainId)
        {
            _name.Value = name;
            _grainId.Value = grainId;
            using var reader = _select.ExecuteReader();
            return reader.Read() ? new StateRow(reader.GetFieldValue<byte[]>(0), reader.GetInt64(1)) : null;
        }

        public void Dispose()
        {
            _select.Dispose();
            _connection.Dispose();
        }
    }
}
