namespace KgOrleans.Storage.Logs;

/// <summary>
/// A log or a file beside it holds bytes that are no valid record where one must be. Never transient: an operator has to restore or repair the file.
/// </summary>
public sealed class LogCorruptException : StorageException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="file">The damaged file.</param>
    /// <param name="position">Where the damage starts.</param>
    /// <param name="detail">What was found there.</param>
    public LogCorruptException(string file, long position, string detail)
        : base($"{file} is damaged at position {position}: {detail}", isTransient: false)
    {
        File = file;
        Position = position;
    }

    /// <summary>The damaged file.</summary>
    public string File { get; }

    /// <summary>Where the damage starts.</summary>
    public long Position { get; }
}
