using System.Buffers.Binary;
using KgOrleans.Storage.Logs;
using Microsoft.Data.Sqlite;
using Microsoft.Win32.SafeHandles;

namespace KgOrleans.Storage.Sqlite;

/// <summary>
/// A small file beside the state file that says how many commits were acknowledged. SQLite opens a file whose write-ahead log is gone or damaged as it was
/// before, and a file that is gone as a new one, without a word: the mark tells.
/// </summary>
/// <remarks>
/// <c>two of: store id[16]  u64 commits  u32 crc32c(of both)  u32 0</c>, written in turn after each commit, so that one of the two is always whole. It is not
/// flushed: a killed process leaves it to the kernel, and after a power failure it says less than there is, never more.
/// </remarks>
internal sealed class SqliteStateMark : IDisposable
{
    private const int PlaceBytes = 32;
    private const int ChecksummedBytes = 24;

    private readonly SafeFileHandle _handle;
    private readonly byte[] _place = new byte[PlaceBytes];
    private int _next;

    private SqliteStateMark(string path, SafeFileHandle handle)
    {
        Path = path;
        _handle = handle;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Refuses a state file that is missing or empty although it held something.</summary>
    /// <exception cref="StorageException">It is.</exception>
    public static void RequireFile(string stateFile)
    {
        var file = new FileInfo(stateFile);
        if (file is { Exists: true, Length: > 0 } || Read(PathOf(stateFile)) is not { Commits: > 0 } mark)
            return;
        throw new StorageException(
            $"Grain state file {stateFile} is {(file.Exists ? "empty" : "missing")}, and it held {mark.Commits} commits. " + Advice(stateFile), isTransient: false);
    }

    /// <summary>Opens the mark of an open state file, and refuses a file that lacks commits.</summary>
    /// <exception cref="StorageException">The file lacks commits, or the mark belongs to another file.</exception>
    public static SqliteStateMark Open(string stateFile, SqliteConnection connection)
    {
        string path = PathOf(stateFile);
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT store_id, commits FROM store";
        using var row = command.ExecuteReader();
        row.Read();
        var (id, commits) = (new Guid(row.GetFieldValue<byte[]>(0)), row.GetInt64(1));
        if (Read(path) is { } mark && (mark.Store != id || mark.Commits > commits))
        {
            throw new StorageException(
                mark.Store != id
                    ? $"{path} belongs to another grain state file than {stateFile}. {Advice(stateFile)}"
                    : $"Grain state file {stateFile} has {commits} commits, and {mark.Commits} were acknowledged: the others are lost. {Advice(stateFile)}",
                isTransient: false);
        }
        var opened = new SqliteStateMark(path, File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read));
        id.TryWriteBytes(opened._place);
        opened.Write(commits);
        opened.Write(commits);
        return opened;
    }

    /// <summary>Notes the number of commits.</summary>
    public void Write(long commits)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_place.AsSpan(16), commits);
        BinaryPrimitives.WriteUInt32LittleEndian(_place.AsSpan(ChecksummedBytes), Checksum(_place));
        RandomAccess.Write(_handle, _place, _next * PlaceBytes);
        _next = 1 - _next;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private static string PathOf(string stateFile) => System.IO.Path.ChangeExtension(stateFile, ".mark");

    private static string Advice(string stateFile) => $"Restore it from a backup, or delete {PathOf(stateFile)} to go on without what is lost.";

    // A mark that is missing or damaged says nothing: the state file itself is whole.
    private static (Guid Store, long Commits)? Read(string path)
    {
        if (!File.Exists(path))
            return null;
        byte[] bytes = File.ReadAllBytes(path);
        (Guid Store, long Commits)? newest = null;
        for (int offset = 0; offset + PlaceBytes <= bytes.Length; offset += PlaceBytes)
        {
            var place = bytes.AsSpan(offset, PlaceBytes);
            long commits = BinaryPrimitives.ReadInt64LittleEndian(place[16..]);
            if (BinaryPrimitives.ReadUInt32LittleEndian(place[ChecksummedBytes..]) == Checksum(place) && (newest is null || commits > newest.Value.Commits))
                newest = (new Guid(place[..16]), commits);
        }
        return newest;
    }

    private static uint Checksum(ReadOnlySpan<byte> place) => Crc32C.Finish(Crc32C.Append(Crc32C.Initial, place[..ChecksummedBytes]));
}
