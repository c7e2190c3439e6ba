using System.Buffers.Binary;
using System.Text;
using KgOrleans.Storage.Files;
using KgOrleans.Storage.Logs;
using Microsoft.Data.Sqlite;

namespace KgOrleans.Storage.Sqlite;

/// <summary>The grain state file: how it is opened, marked, versioned and checked.</summary>
internal static class SqliteStateSchema
{
    /// <summary>Version of the tables, in PRAGMA user_version.</summary>
    public const int Version = 3;

    // "KgGS" in PRAGMA application_id: tells a state file from any other SQLite database.
    private const int ApplicationId = 0x4B674753;

    // States of some 16 KB: fewer, larger pages mean shorter overflow chains and fewer frames in the write-ahead log.
    private static readonly string Create = $"""
        PRAGMA page_size = 8192;
        PRAGMA journal_mode = WAL;
        BEGIN IMMEDIATE;
        CREATE TABLE grain_state (
            name TEXT NOT NULL,
            grain_id TEXT NOT NULL,
            payload BLOB NOT NULL,
            version INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            PRIMARY KEY (name, grain_id));
        CREATE TABLE version_block (id INTEGER PRIMARY KEY CHECK (id = 1), next INTEGER NOT NULL);
        INSERT INTO version_block VALUES (1, 1);
        PRAGMA application_id = {ApplicationId};
        PRAGMA user_version = 1;
        COMMIT;
        """;

    // Migrations[v - 1] leads from version v to v + 1, in a transaction of its own. A new file walks the same steps as an old one, so that both end alike.
    private static readonly string[] Migrations =
    [
        """
        CREATE TABLE store (id INTEGER PRIMARY KEY CHECK (id = 1), service_id TEXT);
        INSERT INTO store VALUES (1, NULL);
        """,
        """
        ALTER TABLE grain_state ADD COLUMN checksum INTEGER;
        ALTER TABLE store ADD COLUMN store_id BLOB;
        ALTER TABLE store ADD COLUMN commits INTEGER NOT NULL DEFAULT 0;
        UPDATE store SET store_id = randomblob(16);
        """,
    ];

    /// <summary>Opens for writing; creates the file when absent, brings an older one up to date. The connection is durable at commit.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxCheckedBytes">Files up to this size are checked in full.</param>
    /// <param name="serviceId">Whose states these are: the first opener's id stays with the file. Null asks and tells nothing.</param>
    /// <exception cref="StorageException">The file is damaged, foreign, of another service, or of a newer version.</exception>
    public static SqliteConnection OpenWriter(string path, long maxCheckedBytes, string? serviceId = null)
    {
        string directory = Path.GetDirectoryName(path)!;
        DirectorySync.Create(directory);
        return Guard(path, () =>
        {
            var connection = Connect(path, SqliteOpenMode.ReadWriteCreate);
            try
            {
                if (Scalar(connection, "SELECT count(*) FROM sqlite_schema") == 0 && Scalar(connection, "PRAGMA user_version") == 0)
                    Execute(connection, Create);
                CheckVersion(connection, path);
                Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
                CheckIntegrity(connection, path, maxCheckedBytes);
                Migrate(connection);
                Claim(connection, path, serviceId);
                DirectorySync.Flush(directory);
                return connection;
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        });
    }

    /// <summary>Checksum of a state as stored: of everything that says whose bytes these are, and of the bytes.</summary>
    public static long Checksum(string name, string grainId, long version, ReadOnlySpan<byte> payload)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(number, version);
        // No name holds a zero, so that no text can move from one field to the next.
        uint state = Crc32C.Append(Crc32C.Initial, Encoding.UTF8.GetBytes($"{name}\0{grainId}\0"));
        return Crc32C.Finish(Crc32C.Append(Crc32C.Append(state, number), payload));
    }

    /// <summary>Refuses a state whose bytes are not the ones that were written. Rows of older releases have no checksum until they are written again.</summary>
    /// <exception cref="StorageException">The state is damaged.</exception>
    public static void RequireIntact(string path, string name, string grainId, long version, byte[] payload, long? checksum)
    {
        if (checksum is { } stated && stated != Checksum(name, grainId, version, payload))
        {
            throw new StorageException(
                $"State '{name}' of {grainId} in grain state file {path} is damaged: it fails its checksum. Restore the file from a backup.", isTransient: false);
        }
    }

    /// <summary>Opens an existing file for reading.</summary>
    /// <exception cref="StorageException">The file is absent, damaged, foreign, or of a newer version.</exception>
    public static SqliteConnection OpenReader(string path) => Guard(path, () =>
    {
        var connection = Connect(path, SqliteOpenMode.ReadOnly);
        try
        {
            CheckVersion(connection, path);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    });

    public static StorageException Failure(string path, SqliteException exception)
    {
        const int Busy = 5, Locked = 6, InputOutput = 10, Corrupt = 11, Full = 13, NotADatabase = 26;
        return exception.SqliteErrorCode is Corrupt or NotADatabase
            ? new StorageException($"Grain state file {path} is damaged: {exception.Message}. Restore it from a backup.", isTransient: false, exception)
            : new StorageException($"Grain state file {path}: {exception.Message}", isTransient: exception.SqliteErrorCode is Busy or Locked or InputOutput or Full, exception);
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Scalar(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static T Guard<T>(string path, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (SqliteException exception)
        {
            throw Failure(path, exception);
        }
    }

    private static SqliteConnection Connect(string path, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = mode, Pooling = false }.ToString());
        connection.Open();
        return connection;
    }

    private static void CheckVersion(SqliteConnection connection, string path)
    {
        if (Scalar(connection, "PRAGMA application_id") != ApplicationId)
            throw new StorageException($"{path} is a SQLite database, but not a grain state file of this product.", isTransient: false);
        long version = Scalar(connection, "PRAGMA user_version");
        if (version > Version)
        {
            throw new StorageException(
                $"Grain state file {path} has schema version {version}; this build reads up to {Version}. Use the newer build that wrote "
                    + $"it.", isTransient: false);
        }
    }

    private static void Migrate(SqliteConnection connection)
    {
        for (var version = Scalar(connection, "PRAGMA user_version"); version < Version; version++)
            Execute(connection, $"BEGIN IMMEDIATE; {Migrations[version - 1]} PRAGMA user_version = {version + 1}; COMMIT;");
    }

    private static void Claim(SqliteConnection connection, string path, string? serviceId)
    {
        if (serviceId is null)
            return;
        using var command = connection.CreateCommand();
        command.CommandText = "UPDATE store SET service_id = $id WHERE service_id IS NULL; SELECT service_id FROM store";
        command.Parameters.AddWithValue("$id", serviceId);
        string owner = (string)command.ExecuteScalar()!;
        if (owner != serviceId)
            throw new StorageException(
                $"Grain state file {path} belongs to service '{owner}', this is '{serviceId}'. Name another file, or the same Orleans:ServiceId.",
                isTransient: false);
    }

    private static void CheckIntegrity(SqliteConnection connection, string path, long maxBytes)
    {
        if (new FileInfo(path).Length > maxBytes)
            return;
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA quick_check(1)";
        string result = (string)command.ExecuteScalar()!;
        if (result != "ok")
            throw new StorageException($"Grain state file {path} is damaged: {result}. Restore it from a backup.", isTransient: false);
    }
}
