namespace KgOrleans.Storage.Logs;

/// <summary>
/// Where one log's bytes are: a manifest that is replaced by compare and swap, and segments that only their maker appends to. The log above it knows records,
/// positions and epochs; a medium knows bytes.
/// </summary>
/// <remarks>
/// The fence rests on two promises. <see cref="WriteManifestAsync"/> succeeds for one of several writers that saw the same manifest. And an append of a writer
/// that returns happened before any manifest that another writer wrote: <see cref="CloseAsync"/> of that other writer finds its bytes.
/// </remarks>
internal interface ILogMedium : IAsyncDisposable
{
    /// <summary>Bytes after which a segment is full.</summary>
    long SegmentBytes { get; }

    /// <summary>How long a commit waits for company: nothing on a disk, some time where every append is billed.</summary>
    TimeSpan Linger { get; }

    /// <summary>The name of a segment, or of the manifest for null, as an operator finds it.</summary>
    string Describe(string? segment);

    /// <summary>Reads the manifest with the tag of this version; null when there is none.</summary>
    ValueTask<(byte[] Content, string Tag)?> ReadManifestAsync(CancellationToken cancellationToken);

    /// <summary>Replaces the manifest that has a tag, or makes the first one; durable when it returns.</summary>
    /// <param name="content">What it holds from now on.</param>
    /// <param name="tag">Tag of the manifest that is replaced; null when there must be none.</param>
    /// <param name="cancellationToken">Stops the wait; the manifest may be written all the same.</param>
    /// <returns>The new tag.</returns>
    /// <exception cref="LogFencedException">Another writer has replaced it.</exception>
    ValueTask<string> WriteManifestAsync(ReadOnlyMemory<byte> content, string? tag, CancellationToken cancellationToken);

    /// <summary>Makes a segment that starts with some bytes, durable when it returns. One of this name that an earlier try left is replaced.</summary>
    ValueTask<ILogSegment> CreateAsync(string segment, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Ends a segment of an earlier writer: whatever it appends from now on is not acknowledged, and not below the returned length.</summary>
    /// <exception cref="StorageException">There is no such segment.</exception>
    ValueTask<SegmentLength> CloseAsync(string segment, CancellationToken cancellationToken);

    /// <summary>Fills a buffer from a segment.</summary>
    /// <exception cref="EndOfStreamException">The segment is shorter.</exception>
    ValueTask ReadAsync(string segment, long offset, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>Notes that a segment will never change again, so that it may be kept in another form. Does not throw: it is a matter of speed.</summary>
    ValueTask SealedAsync(string segment, long length, CancellationToken cancellationToken);

    /// <summary>Removes a segment if it is there.</summary>
    ValueTask DeleteAsync(string segment, CancellationToken cancellationToken);

    /// <summary>Names of the segments that exist, in any order.</summary>
    ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken);
}

/// <summary>A segment that this process made and appends to.</summary>
internal interface ILogSegment : IAsyncDisposable
{
    /// <summary>Whether the medium takes no more appends, however short the segment is.</summary>
    bool IsFull { get; }

    /// <summary>Appends bytes at the end, which is where the caller says; when it returns, they are durable and this writer was still the log's own.</summary>
    /// <exception cref="LogFencedException">Another writer has the log: what was appended counts only if that writer found it.</exception>
    /// <exception cref="StorageException">Transient: nothing was appended. Otherwise nobody knows, and the log must be opened again.</exception>
    ValueTask AppendAsync(long offset, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);
}

/// <summary>How long a closed segment is.</summary>
/// <param name="Bytes">Its length, header included.</param>
/// <param name="Acknowledged">What of it was acknowledged for certain: damage below is a loss, behind it an append that nobody was told of.</param>
internal readonly record struct SegmentLength(long Bytes, long Acknowledged);
