namespace KgOrleans.Import.Upload;

/// <summary>What the service said about one sort of document.</summary>
public sealed class UploadReport(string name)
{
    private long _sent, _accepted, _duplicates;

    /// <summary>items, users or events.</summary>
    public string Name => name;

    /// <summary>Documents given to the service, or refused here because it would refuse the call.</summary>
    public long Sent => Volatile.Read(ref _sent);

    /// <summary>Taken.</summary>
    public long Accepted => Volatile.Read(ref _accepted);

    /// <summary>Known before.</summary>
    public long Duplicates => Volatile.Read(ref _duplicates);

    /// <summary>Refused.</summary>
    public RejectionTally Rejected { get; } = new();

    /// <summary>Adds the outcome of one call; safe from several threads.</summary>
    public void Add(long sent, long accepted, long duplicates)
    {
        Interlocked.Add(ref _sent, sent);
        Interlocked.Add(ref _accepted, accepted);
        Interlocked.Add(ref _duplicates, duplicates);
    }

    /// <summary>Counts a refusal; safe from several threads.</summary>
    public void Reject(string code, string name, string message)
    {
        lock (Rejected)
            Rejected.Add(code, $"{name}: {message}");
    }
}
