namespace KgOrleans.Storage.Logs;

/// <summary>Another writer has taken the log over. This one's log takes no more appends; what it was told is durable stays so.</summary>
/// <param name="log">The log, as an operator finds it.</param>
/// <param name="detail">What showed it.</param>
public sealed class LogFencedException(string log, string detail)
    : StorageException($"Log {log} has another writer now: {detail}. This one stops.", isTransient: false);
