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
}
