using System.Collections.Concurrent;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Storage.Logs.Blobs;

/// <summary>Segments of earlier writers and sealed ones: their end, their reading, their two forms.</summary>
internal sealed partial class BlobLogMedium
{
    // One request reads at most this much, so that it ends within the time of an attempt.
    private const int ReadBytes = 8 << 20;

    // Segments that are known to be block blobs: asking for the append blob first would cost a request each time.
    private readonly ConcurrentDictionary<string, bool> _sealed = new(StringComparer.Ordinal);

    private readonly BlobReadAhead _ahead = new();

    // A deletion waits for a rewriting of the same process, which would bring the segment back; and one copy is in memory at a time.
    private readonly SemaphoreSlim _changes = new(1);

    /// <inheritdoc/>
    /// <remarks>
    /// All that was appended before the fence counts as acknowledged. The service takes a block whole or not at all, so that one whose writer had no answer
    /// is as sound as the others, and this log's readers may have seen it.
    /// </remarks>
    public async ValueTask<SegmentLength> CloseAsync(string segment, CancellationToken cancellationToken)
    {
        try
        {
            long length = await _calls.RunAsync(segment, BlobLogRepeat.Harmless, token => FenceAsync(segment, token), cancellationToken);
            return new SegmentLength(length, length);
        }
        catch (RequestFailedException answer)
        {
            throw _calls.Refused(segment, answer);
        }
    }

    /// <inheritdoc/>
    public async ValueTask ReadAsync(string segment, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (_ahead.TryRead(segment, offset, destination.Span))
            return;
        if (destination.Length >= BlobReadAhead.Bytes || !_ahead.Follows(segment, offset, destination.Length))
        {
            await ReadWholeAsync(segment, offset, destination, cancellationToken);
            return;
        }
        byte[] bytes = GC.AllocateUninitializedArray<byte>(BlobReadAhead.Bytes);
        int read = await ReadPartAsync(segment, offset, bytes, cancellationToken);
        if (read < destination.Length)
            throw new EndOfStreamException($"Log segment {Describe(segment)} ends at {offset + read}.");
        bytes.AsSpan(0, destination.Length).CopyTo(destination.Span);
        if (read - destination.Length >= BlobReadAhead.LeastKept)
            _ahead.Keep(segment, offset, bytes, read);
    }

    /// <inheritdoc/>
    public async ValueTask SealedAsync(string segment, long length, CancellationToken cancellationToken)
    {
        try
        {
            await _changes.WaitAsync(cancellationToken);
            try
            {
                await RewriteAsync(segment, length, cancellationToken);
            }
            finally
            {
                _changes.Release();
            }
        }
        catch (Exception failure) when (failure is StorageException or RequestFailedException or IOException or OperationCanceledException)
        {
            LogNotRewritten(Describe(segment), BlobLogFailure.Reason(failure));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string segment, CancellationToken cancellationToken)
    {
        await _changes.WaitAsync(cancellationToken);
        try
        {
            // The append blob first: a rewriting in another process that starts now finds nothing.
            await DeleteBlobAsync(segment, _calls.AppendBlob(segment), cancellationToken);
            await DeleteBlobAsync(segment, _calls.BlockBlob(segment + SealedSuffix), cancellationToken);
            _sealed.TryRemove(segment, out _);
        }
        finally
        {
            _changes.Release();
        }
    }

    private async Task ReadWholeAsync(string segment, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        while (!destination.IsEmpty)
        {
            var part = destination[..Math.Min(destination.Length, ReadBytes)];
            int read = await ReadPartAsync(segment, offset, part, cancellationToken);
            if (read < part.Length)
                throw new EndOfStreamException($"Log segment {Describe(segment)} ends at {offset + read}.");
            offset += read;
            destination = destination[read..];
        }
    }

    /// <summary>Reads what there is, up to the length of a buffer.</summary>
    private async Task<int> ReadPartAsync(string segment, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        try
        {
            return await _calls.RunAsync(
                segment, BlobLogRepeat.Harmless, token => ReadEitherAsync(segment, offset, destination, token), cancellationToken);
        }
        catch (RequestFailedException answer)
        {
            throw _calls.Refused(segment, answer);
        }
    }

    /// <summary>Makes sure that a segment ends with a fence, or is a block blob; returns its length without fences.</summary>
    private async Task<long> FenceAsync(string segment, CancellationToken cancellationToken)
    {
        var blob = _calls.AppendBlob(segment);
        while (true)
        {
            long length;
            byte[] head;
            try
            {
                length = (await blob.GetPropertiesAsync(cancellationToken: cancellationToken)).Value.ContentLength;
                head = new byte[Math.Min(length, BlobFence.HeadBytes)];
                await BlobRange.ReadAsync(blob, 0, head, cancellationToken);
                long end = length;
                // Closings that raced have left several; the first one ended the segment.
                while (await EndsWithFenceAsync(blob, segment, head, end, cancellationToken))
                    end -= BlobFence.Bytes;
                if (end < length)
                    return end;
                // No position is stated: a busy writer could be ahead each time. The next round finds where the fence came to stand.
                using var fence = new MemoryStream(BlobFence.Create(segment, head));
                await blob.AppendBlockAsync(fence, new AppendBlobAppendBlockOptions(), cancellationToken);
            }
            catch (RequestFailedException gone) when (gone.Status == 404 && gone.ErrorCode != BlobErrorCode.ContainerNotFound)
            {
                var rewritten = await _calls.BlockBlob(segment + SealedSuffix).GetPropertiesAsync(cancellationToken: cancellationToken);
                return rewritten.Value.ContentLength;
            }
        }
    }

    private static async Task<bool> EndsWithFenceAsync(
        AppendBlobClient blob, string segment, byte[] head, long end, CancellationToken cancellationToken)
    {
        if (end < BlobFence.Bytes)
            return false;
        byte[] tail = new byte[BlobFence.Bytes];
        long start = end - BlobFence.Bytes;
        int read = await BlobRange.ReadAsync(blob, start, tail, cancellationToken);
        return BlobFence.Is(segment, head.AsSpan(0, (int)Math.Min(head.Length, start)), tail.AsSpan(0, read));
    }

    /// <summary>Reads a segment in whichever form it has. The block blob is there before the append blob goes, so that one of three looks finds it.</summary>
    private async Task<int> ReadEitherAsync(string segment, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        bool asSealed = _sealed.ContainsKey(segment);
        for (int look = 1; ; look++, asSealed = !asSealed)
        {
            try
            {
                BlobBaseClient blob = asSealed ? _calls.BlockBlob(segment + SealedSuffix) : _calls.AppendBlob(segment);
                int read = await BlobRange.ReadAsync(blob, offset, destination, cancellationToken);
                if (asSealed)
                    _sealed.TryAdd(segment, true);
                return read;
            }
            catch (RequestFailedException absent) when (absent.Status == 404 && look < 3)
            {
                _sealed.TryRemove(segment, out _);
            }
        }
    }

    private async Task RewriteAsync(string segment, long length, CancellationToken cancellationToken)
    {
        // An opening names every segment that has ended, and has just read them all.
        if (_sealed.ContainsKey(segment))
            return;
        var source = _calls.AppendBlob(segment);
        byte[] bytes = new byte[length];
        try
        {
            for (int start = 0; start < bytes.Length;)
            {
                var part = bytes.AsMemory(start, Math.Min(bytes.Length - start, BlobRange.MaxCheckedBytes));
                long offset = start;
                int read = await _calls.RunAsync(
                    segment, BlobLogRepeat.Harmless, token => BlobRange.ReadCheckedAsync(source, offset, part, token), cancellationToken);
                if (read < part.Length)
                    throw new EndOfStreamException($"it ends at {offset + read}, before {length}.");
                start += read;
            }
        }
        catch (RequestFailedException gone) when (gone.Status == 404)
        {
            // Rewritten or deleted already.
            return;
        }
        // One request writes it all, and the service refuses bytes that do not match the checksum sent along.
        var options = new BlobUploadOptions
        {
            TransferOptions = new StorageTransferOptions { InitialTransferSize = Math.Max(length, 1) },
            TransferValidation = new UploadTransferValidationOptions { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 },
        };
        var target = _calls.BlockBlob(segment + SealedSuffix);
        await _calls.RunAsync(segment, BlobLogRepeat.Harmless, token => target.UploadAsync(new MemoryStream(bytes), options, token), cancellationToken);
        _sealed.TryAdd(segment, true);
        await DeleteBlobAsync(segment, source, cancellationToken);
    }

    private async Task DeleteBlobAsync(string segment, BlobBaseClient blob, CancellationToken cancellationToken)
    {
        try
        {
            await _calls.RunAsync(segment, BlobLogRepeat.Harmless, token => blob.DeleteIfExistsAsync(cancellationToken: token), cancellationToken);
        }
        catch (RequestFailedException answer)
        {
            throw _calls.Refused(segment, answer);
        }
    }

    [LoggerMessage(1, LogLevel.Warning, "Log segment {Segment} stays an append blob, which is slower to read: {Reason}")]
    private partial void LogNotRewritten(string segment, string reason);
}
