using Azure;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace KgOrleans.Storage.Logs.Blobs;

/// <summary>
/// An append blob that this process made and appends to. Every append is one block, so that the service takes it whole or not at all, and states the length
/// that it expects, so that a repeated one is taken once.
/// </summary>
internal sealed class BlobLogSegment : ILogSegment
{
    /// <summary>Longest append: what the service takes as one block, 100 MiB.</summary>
    public const int MaxAppendBytes = 100 << 20;

    /// <summary>Blocks that are kept free: closing adds one, and several when closings race or lose answers.</summary>
    public const int BlocksForFences = 4;

    private readonly BlobLogCalls _calls;
    private readonly string _name;
    private readonly AppendBlobClient _blob;
    private readonly int _maxBlocks;
    private readonly Func<CancellationToken, Task<bool>> _isReplaced;
    private long _length;
    private int _blocks;
    private bool _uncertain;

    private BlobLogSegment(BlobLogCalls calls, string name, int maxBlocks, Func<CancellationToken, Task<bool>> isReplaced)
    {
        _calls = calls;
        _name = name;
        _blob = calls.AppendBlob(name);
        _maxBlocks = maxBlocks;
        _isReplaced = isReplaced;
    }

    /// <inheritdoc/>
    public bool IsFull => _blocks >= _maxBlocks - BlocksForFences;

    /// <summary>Makes the blob, or empties one that an earlier try left, and appends its first bytes.</summary>
    /// <param name="calls">The log's requests.</param>
    /// <param name="name">The segment's name.</param>
    /// <param name="content">Its first bytes.</param>
    /// <param name="maxBlocks">The most blocks of a blob.</param>
    /// <param name="isReplaced">Whether another writer has replaced the manifest.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    public static async Task<BlobLogSegment> CreateAsync(
        BlobLogCalls calls,
        string name,
        ReadOnlyMemory<byte> content,
        int maxBlocks,
        Func<CancellationToken, Task<bool>> isReplaced,
        CancellationToken cancellationToken)
    {
        var segment = new BlobLogSegment(calls, name, maxBlocks, isReplaced);
        try
        {
            await calls.RunAsync(name, BlobLogRepeat.Harmless, segment.EmptyAsync, cancellationToken);
        }
        catch (RequestFailedException answer)
        {
            throw calls.Refused(name, answer);
        }
        // No manifest names the segment yet: whoever does not know how far it came makes it anew.
        await segment.AppendBlockAsync(content, BlobLogRepeat.Harmless, cancellationToken);
        return segment;
    }

    /// <inheritdoc/>
    public async ValueTask AppendAsync(long offset, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (_uncertain)
            throw new StorageException($"Log segment {_calls.Describe(_name)} takes no more appends: one failed. Open the log again.", isTransient: false);
        ArgumentOutOfRangeException.ThrowIfNotEqual(offset, _length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(content.Length, MaxAppendBytes);
        if (IsFull)
            throw new InvalidOperationException($"Log segment {_calls.Describe(_name)} is full: it has {_blocks} blocks.");
        cancellationToken.ThrowIfCancellationRequested();
        if (content.IsEmpty)
            return;
        // An append that is cut short may be carried out later: what comes after it could not be told apart.
        _uncertain = true;
        try
        {
            await AppendBlockAsync(content, BlobLogRepeat.Uncertain, cancellationToken);
        }
        catch (StorageException nothingSent) when (nothingSent.IsTransient)
        {
            _uncertain = false;
            throw;
        }
        _uncertain = false;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>
    /// Conditions keep a request that arrives late, after its repetition, from emptying a blob that has records by then.
    /// </summary>
    private async Task<ETag> EmptyAsync(CancellationToken cancellationToken)
    {
        try
        {
            var none = new AppendBlobRequestConditions { IfNoneMatch = ETag.All };
            return (await _blob.CreateAsync(new AppendBlobCreateOptions { Conditions = none }, cancellationToken)).Value.ETag;
        }
        catch (RequestFailedException there) when (there.ErrorCode == BlobErrorCode.BlobAlreadyExists)
        {
            var found = (await _blob.GetPropertiesAsync(cancellationToken: cancellationToken)).Value;
            if (found.ContentLength == 0)
                return found.ETag;
            var same = new AppendBlobRequestConditions { IfMatch = found.ETag };
            return (await _blob.CreateAsync(new AppendBlobCreateOptions { Conditions = same }, cancellationToken)).Value.ETag;
        }
    }

    private async Task AppendBlockAsync(ReadOnlyMemory<byte> content, BlobLogRepeat repeat, CancellationToken cancellationToken)
    {
        // The checksum guards against what happens on the way, and against a buffer that its owner reuses while a lost request is still being sent.
        var options = new AppendBlobAppendBlockOptions
        {
            Conditions = new AppendBlobRequestConditions { IfAppendPositionEqual = _length },
            TransferValidation = new UploadTransferValidationOptions { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 },
        };
        try
        {
            await _calls.RunAsync(
                _name, repeat, token => _blob.AppendBlockAsync(BinaryData.FromBytes(content).ToStream(), options, token), cancellationToken);
        }
        catch (RequestFailedException conflict) when (conflict.Status is 409 or 412)
        {
            var resolving = repeat == BlobLogRepeat.Harmless ? repeat : BlobLogRepeat.Resolving;
            await CompareAsync(content, resolving, conflict, cancellationToken);
        }
        catch (RequestFailedException answer)
        {
            throw answer.Status == 404 ? await GoneAsync(answer, cancellationToken) : _calls.Refused(_name, answer);
        }
        _length += content.Length;
        _blocks++;
    }

    /// <summary>
    /// Returns when the blob has our bytes where they belong: an attempt whose answer was lost was carried out. What stands behind them does not matter; the
    /// writer that put it there found them.
    /// </summary>
    private async Task CompareAsync(ReadOnlyMemory<byte> content, BlobLogRepeat repeat, RequestFailedException conflict, CancellationToken cancellationToken)
    {
        byte[] found = new byte[content.Length];
        int read;
        try
        {
            read = await _calls.RunAsync(_name, repeat, token => BlobRange.ReadAsync(_blob, _length, found, token), cancellationToken);
        }
        catch (RequestFailedException answer)
        {
            throw answer.Status == 404 ? await GoneAsync(answer, cancellationToken) : _calls.Refused(_name, answer);
        }
        if (found.AsSpan(0, read).SequenceEqual(content.Span))
            return;
        // Nothing behind the end, and yet refused: a lease, a policy, a limit of the service.
        if (read == 0 && conflict.ErrorCode != BlobErrorCode.AppendPositionConditionNotMet)
            throw _calls.Refused(_name, conflict);
        throw new LogFencedException(_calls.Folder, $"segment {_name} does not end at {_length}, and what is there is not ours");
    }

    private async Task<StorageException> GoneAsync(RequestFailedException answer, CancellationToken cancellationToken)
    {
        try
        {
            if (await _isReplaced(cancellationToken))
                return new LogFencedException(_calls.Folder, $"segment {_name} is gone, and the manifest was replaced");
        }
        catch (StorageException unread) when (unread.IsTransient)
        {
            // The missing blob is reason enough to stop.
        }
        return _calls.Refused(_name, answer);
    }
}
