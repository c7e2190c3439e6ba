namespace KgOrleans.Storage.Files;

/// <summary>
/// A lock between processes, and within one. The operating system drops it with the process, so a crash leaves nothing to clean up; the file itself stays.
/// </summary>
internal static class FileLock
{
    /// <summary>Takes the lock until the stream is disposed.</summary>
    /// <exception cref="UnauthorizedAccessException">The file cannot be written.</exception>
    /// <exception cref="IOException">Somebody else holds it.</exception>
    public static FileStream Take(string path) => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
}
