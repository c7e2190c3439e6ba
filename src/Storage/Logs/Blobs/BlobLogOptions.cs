using Azure.Storage.Blobs;

namespace KgOrleans.Storage.Logs.Blobs;

/// <summary>How a log uses append blobs.</summary>
public sealed record BlobLogOptions
{
    /// <summary>Bytes after which a segment is full; 8 MiB unless set. Sealing holds one segment in memory.</summary>
    public long SegmentBytes { get; init; } = 8 << 20;

    /// <summary>
    /// The most blocks of one append blob; 500 unless set. Append blobs are read block by block, at some milliseconds each. At least
    /// <see cref="LeastBlocks"/>, at most the 50,000 of the service.
    /// </summary>
    public int MaxBlocks { get; init; } = 500;

    /// <summary>How long a commit waits for company; 50 ms unless set, because every append is a billed operation.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Longest wait for one answer, after which the request counts as lost; 10 s unless set, which is 16 MiB at 13 Mbit/s.</summary>
    public TimeSpan AttemptTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a request without an answer is tried again; 30 s unless set. An append then has an unknown outcome.</summary>
    public TimeSpan RetryTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The smallest <see cref="MaxBlocks"/>: a header, a record, and what is kept free for fences.</summary>
    public const int LeastBlocks = 2 + BlobLogSegment.BlocksForFences;

    /// <summary>
    /// Settings for the client that a log gets: no retries of its own. Logs are right with those too, but then a lost answer costs both waits, and a service
    /// that is away is told late.
    /// </summary>
    public BlobClientOptions CreateClientOptions()
    {
        var options = new BlobClientOptions();
        options.Retry.MaxRetries = 0;
        options.Retry.NetworkTimeout = AttemptTime;
        return options;
    }

    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(SegmentBytes);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxBlocks, LeastBlocks);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(MaxBlocks, 50_000);
        ArgumentOutOfRangeException.ThrowIfLessThan(Linger, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(AttemptTime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(RetryTime, TimeSpan.Zero);
    }
}
