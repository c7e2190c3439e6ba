namespace KgOrleans.Storage.Logs;

/// <summary>Limits that every log implementation shares.</summary>
public static class LogLimits
{
    /// <summary>
    /// Largest payload of one record, in bytes: 1 MiB. Items are far smaller, so a record of this size is already a mistake upstream.
    /// </summary>
    public const int MaxRecordBytes = 1 << 20;

    /// <summary>Largest sum of payloads in one append, in bytes: 16 MiB. Bounds the memory of a group commit.</summary>
    public const int MaxAppendBytes = 16 << 20;
}
