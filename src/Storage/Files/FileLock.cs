namespace KgOrleans.Storage.Files;

/// <summary>
/// A lock between processes, and within one. The operating system drops it with the process, so a crash leaves nothing to clean up; the file itself stays.
/// </summary>
internal static class FileLock
{
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;
    private const int WindowsSharingViolation = unchecked((int)0x80070020);

    /// <summary>Takes the lock until the stream is disposed.</summary>
    /// <exception cref="UnauthorizedAccessException">The file cannot be written.</exception>
    /// <exception cref="IOException">Somebody else holds it.</exception>
    public static FileStream Take(string path) => new(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);

    /// <summary>Whether a failed <see cref="Take"/> means that somebody else holds the lock, and not, say, that the disk is read-only.</summary>
    public static bool IsHeld(IOException failure) => failure.HResult is LinuxWouldBlock or MacWouldBlock or WindowsSharingViolation;
}
