using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace KgOrleans.Storage.Sqlite;

/// <summary>The one connection that writes. Changes that wait together share a transaction, hence a flush; each keeps its own outcome.</summary>
internal sealed class SqliteStateWriter : IAsyncDisposable
{
    /// <summary>
    /// Versions are handed out from memory and reserved on disk in blocks, so that no version, hence no ETag, is ever used twice, even after a delete.
    /// </summary>
    private const long VersionBlock = 1 << 20;

    private readonly string _path;
    private readonly int _maxBatch;
    private readonly TimeProvider _time;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin;
    private readonly SqliteCommand _commit;
    private readonly SqliteCommand _count;
    private readonly SqliteStateMark _mark;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _update;
    private readonly SqliteCommand _delete;
    private readonly SqliteCommand _select;
    private readonly Channel<StateWrite> _queue;
    private readonly List<StateWrite> _batch = [];
    private readonly Thread _thread;
    private long _commits;
    private long _nextVersion;
    private long _reservedVersion;

    public SqliteStateWriter(string path, SqliteConnection connection, SqliteStateMark mark, int maxBatch, int maxQueued, TimeProvider time)
    {
        _path = path;
        _connection = connection;
        _mark = mark;
        _maxBatch = maxBatch;
        _time = time;
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _count = Prepare("UPDATE store SET commits = $commits", "$commits");
        _insert = Prepare(
            "INSERT INTO grain_state (name, grain_id, payload, version, modified, checksum) VALUES ($name, $id, $payload, $version, $modified, $checksum) "
                + "ON CONFLICT DO NOTHING",
            "$name", "$id", "$payload", "$version", "$modified", "$checksum");
        _update = Prepare(
            "UPDATE grain_state SET payload = $payload, version = $version, modified = $modified, checksum = $checksum "
                + "WHERE name = $name AND grain_id = $id AND version = $expected",
            "$name", "$id", "$payload", "$version", "$modified", "$checksum", "$expected");
        _delete = Prepare("DELETE FROM grain_state WHERE name = $name AND grain_id = $id AND version = $expected", "$name", "$id", "$expected");
        _select = Prepare("SELECT version FROM grain_state WHERE name = $name AND grain_id = $id", "$name", "$id");
        _commits = SqliteStateSchema.Scalar(connection, "SELECT commits FROM store");
        _nextVersion = _reservedVersion = SqliteStateSchema.Scalar(connection, "SELECT next FROM version_block");
        _queue = Channel.CreateBounded<StateWrite>(new BoundedChannelOptions(maxQueued) { SingleReader = true });
        _thread = new Thread(WriteLoop) { IsBackground = true, Name = "grain state writer" };
        _thread.Start();
    }

    /// <summary>Applies a change if its condition holds; completes when it is durable.</summary>
    /// <exception cref="StorageException">The database failed; nothing of the change is stored.</exception>
    public async ValueTask<StateWriteResult> WriteAsync(StateWrite write, CancellationToken cancellationToken)
    {
        try
        {
            await _queue.Writer.WriteAsync(write, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException($"Grain state file {_path}");
        }
        return await write.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await Task.Run(_thread.Join);
        foreach (var command in new[] { _begin, _commit, _count, _insert, _update, _delete, _select })
            command.Dispose();
        await _connection.DisposeAsync();
        _mark.Dispose();
    }

    private SqliteCommand Prepare(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = sql;
        foreach (string parameter in parameters)
            command.Parameters.Add(new SqliteParameter(parameter, null));
        return command;
    }

    private void WriteLoop()
    {
        var reader = _queue.Reader;
        while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_batch.Count < _maxBatch && reader.TryRead(out var write))
                _batch.Add(write);
            if (TryCommit(out var failure) && TryMark(out failure))
                _batch.ForEach(write => write.Complete());
            else
                _batch.ForEach(write => write.Fail(failure!));
            _batch.Clear();
        }
    }

    private bool TryCommit(out StorageException? failure)
    {
        try
        {
            _begin.ExecuteNonQuery();
            long reserved = ReserveVersions();
            long now = _time.GetUtcNow().ToUnixTimeMilliseconds();
            foreach (var write in _batch)
                write.Result = Apply(write, now);
            _count.Parameters[0].Value = _commits + 1;
            _count.ExecuteNonQuery();
            _commit.ExecuteNonQuery();
            _commits++;
            _reservedVersion = reserved;
            failure = null;
            return true;
        }
        catch (Exception exception)
        {
            failure = exception is SqliteException sqlite
                ? SqliteStateSchema.Failure(_path, sqlite)
                : new StorageException($"Grain state file {_path}: {exception.Message}", isTransient: false, exception);
            RollBack();
            return false;
        }
    }

    /// <summary>Notes the commit beside the file before anybody is told of it.</summary>
    private bool TryMark(out StorageException? failure)
    {
        try
        {
            _mark.Write(_commits);
            failure = null;
            return true;
        }
        catch (IOException exception)
        {
            failure = new StorageException($"{_mark.Path} could not be written: {exception.Message}", isTransient: true, exception);
            return false;
        }
    }

    private long ReserveVersions()
    {
        if (_nextVersion + _batch.Count <= _reservedVersion)
            return _reservedVersion;
        long reserved = _nextVersion + VersionBlock;
        SqliteStateSchema.Execute(_connection, $"UPDATE version_block SET next = {reserved}");
        return reserved;
    }

    private StateWriteResult Apply(StateWrite write, long now)
    {
        if (write.Payload is null)
            return write.Expected is null ? RequireAbsent(write) : Delete(write);
        long version = _nextVersion++;
        var command = write.Expected is null ? _insert : _update;
        var parameters = command.Parameters;
        parameters[0].Value = write.Name;
        parameters[1].Value = write.GrainId;
        parameters[2].Value = write.Payload;
        parameters[3].Value = version;
        parameters[4].Value = now;
        parameters[5].Value = SqliteStateSchema.Checksum(write.Name, write.GrainId, version, write.Payload);
        if (write.Expected is long expected)
            parameters[6].Value = expected;
        return command.ExecuteNonQuery() == 1 ? new StateWriteResult(true, version) : new StateWriteResult(false, StoredVersion(write));
    }

    private StateWriteResult Delete(StateWrite write)
    {
        _delete.Parameters[0].Value = write.Name;
        _delete.Parameters[1].Value = write.GrainId;
        _delete.Parameters[2].Value = write.Expected;
        return _delete.ExecuteNonQuery() == 1 ? new StateWriteResult(true, null) : new StateWriteResult(false, StoredVersion(write));
    }

    private StateWriteResult RequireAbsent(StateWrite write)
    {
        long? stored = StoredVersion(write);
        return new StateWriteResult(stored is null, stored);
    }

    private long? StoredVersion(StateWrite write)
    {
        _select.Parameters[0].Value = write.Name;
        _select.Parameters[1].Value = write.GrainId;
        return (long?)_select.ExecuteScalar();
    }

    private void RollBack()
    {
        // SQLite rolls some failures back itself (disk full, I/O errors); a second ROLLBACK would be an error of its own.
        if (SQLitePCL.raw.sqlite3_get_autocommit(_connection.Handle) != 0)
            return;
        try
        {
            SqliteStateSchema.Execute(_connection, "ROLLBACK");
        }
        catch (SqliteException)
        {
            // The transaction stays open, so every later BEGIN fails with an error of its own: nothing is acknowledged that is not stored.
        }
    }
}
