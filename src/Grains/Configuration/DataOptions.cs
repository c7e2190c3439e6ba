namespace KgOrleans.Grains.Configuration;

/// <summary>Where durable data lives: section <c>Kg:Data</c>.</summary>
public sealed class DataOptions
{
    /// <summary>Default of <see cref="Path"/>: beside the process.</summary>
    public const string DefaultPath = "data";

    /// <summary>Value of <see cref="Logs"/>: in the data directory.</summary>
    public const string LocalLogs = "local";

    /// <summary>Value of <see cref="Logs"/>: in a container of Azure Blob Storage.</summary>
    public const string BlobLogs = "blobs";

    /// <summary>Directory of logs and state; one process at a time can use it.</summary>
    public string Path { get; set; } = DefaultPath;

    /// <summary>Where logs and snapshots are: <see cref="LocalLogs"/> or <see cref="BlobLogs"/>.</summary>
    public string Logs { get; set; } = LocalLogs;

    /// <summary>The container of logs and snapshots; null when they are in the data directory.</summary>
    public BlobDataOptions? Blobs { get; set; }

    /// <summary>Whether logs and snapshots are in a container.</summary>
    public bool UsesBlobs => Logs == BlobLogs;

    internal void Check(SettingChecks checks)
    {
        if (string.IsNullOrWhiteSpace(Path))
            checks.Add("Kg:Data:Path", "is empty, it must name a directory");
        if (UsesBlobs)
            (Blobs ?? new BlobDataOptions()).Check(checks);
        else if (Logs != LocalLogs)
            checks.Add("Kg:Data:Logs", $"is '{Logs}', it must be {LocalLogs} or {BlobLogs}");
        else if (Blobs is not null)
            checks.Add("Kg:Data:Blobs", $"is set, but Kg:Data:Logs is {LocalLogs}");
    }
}
