namespace KgOrleans.Storage;

/// <summary>A store could not do what it was asked. Argument misuse throws the usual BCL exceptions instead.</summary>
public class StorageException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What failed, naming the file.</param>
    /// <param name="isTransient">Whether the same call may succeed later without an operator or a restart.</param>
    /// <param name="innerException">The cause, if any.</param>
    public StorageException(string message, bool isTransient, Exception? innerException = null)
        : base(message, innerException) => IsTransient = isTransient;

    /// <summary>Whether the same call may succeed later without an operator or a restart.</summary>
    public bool IsTransient { get; }

    /// <summary>
    /// Whether a store said, at the root of a failure or anywhere below, that trying again is no use: Orleans wraps what its storage providers throw.
    /// </summary>
    public static bool IsForGood(Exception? failure) =>
        failure is StorageException { IsTransient: false } || (failure?.InnerException is { } inner && IsForGood(inner));
}
