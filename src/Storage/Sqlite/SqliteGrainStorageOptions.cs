using Orleans.Storage;

namespace KgOrleans.Storage.Sqlite;

/// <summary>Settings of <see cref="SqliteGrainStorage"/>.</summary>
public sealed class SqliteGrainStorageOptions : IStorageProviderSerializerOptions
{
    /// <summary>Default of <see cref="InitStage"/>: before grains, as the official providers do.</summary>
    public const int DefaultInitStage = ServiceLifecycleStage.ApplicationServices;

    /// <summary>Default of <see cref="MaxBatchWrites"/>: with states of 16 KB, a transaction of 4 MB, the size at which SQLite checkpoints.</summary>
    public const int DefaultMaxBatchWrites = 256;

    /// <summary>Default of <see cref="MaxQueuedWrites"/>: about a second of writes.</summary>
    public const int DefaultMaxQueuedWrites = 4096;

    /// <summary>Default of <see cref="ReaderConnections"/>.</summary>
    public const int DefaultReaderConnections = 4;

    /// <summary>Default of <see cref="MaxCheckedBytes"/>: 256 MiB, checked in about a second.</summary>
    public const long DefaultMaxCheckedBytes = 256L << 20;

    /// <summary>Default of <see cref="MaxStateBytes"/>: 16 MiB, a thousand times an ordinary user state.</summary>
    public const int DefaultMaxStateBytes = 16 << 20;

    /// <summary>The database file. Required. Beside it SQLite keeps a <c>-wal</c> and a <c>-shm</c> file that belong to it.</summary>
    public string Path { get; set; } = "";

    /// <summary>
    /// Whose states these are; a file opened under one id refuses another. By default the silo's <c>ClusterOptions.ServiceId</c>; null checks nothing.
    /// </summary>
    public string? ServiceId { get; set; }

    /// <summary>Silo lifecycle stage at which the file is opened, and closed again on the way down.</summary>
    public int InitStage { get; set; } = DefaultInitStage;

    /// <summary>Whether clearing deletes the row. When false, an empty row stays and keeps an ETag.</summary>
    public bool DeleteStateOnClear { get; set; } = true;

    /// <summary>Most writes in one transaction, 1 to 10,000.</summary>
    public int MaxBatchWrites { get; set; } = DefaultMaxBatchWrites;

    /// <summary>Writes that may wait, 1 to 1,000,000; more wait for a place.</summary>
    public int MaxQueuedWrites { get; set; } = DefaultMaxQueuedWrites;

    /// <summary>Reads that may run at once, 1 to 64; each has a connection.</summary>
    public int ReaderConnections { get; set; } = DefaultReaderConnections;

    /// <summary>Files up to this many bytes are checked in full when opened; damage in larger ones shows when it is read. 0 checks none.</summary>
    public long MaxCheckedBytes { get; set; } = DefaultMaxCheckedBytes;

    /// <summary>Largest serialized state in bytes, 1 to 512 MiB; a larger one is refused before it reaches the file.</summary>
    public int MaxStateBytes { get; set; } = DefaultMaxStateBytes;

    /// <inheritdoc/>
    public IGrainStorageSerializer GrainStorageSerializer { get; set; } = null!;
}
