using System.Buffers.Binary;
using System.Security.Cryptography;
using Azure;
using Azure.Storage;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using KgOrleans.Storage.Logs.Blobs;

namespace KgOrleans.Storage.Objects.Blobs;

/// <summary>
/// Blocks of a blob, which nobody sees before they are committed. Those of a writer that gave up are dropped by the service within a week, or with the next
/// object of the name.
/// </summary>
/// <param name="calls">Requests to the blob's folder.</param>
/// <param name="name">The object's name.</param>
internal sealed class BlobObjectWriter(BlobLogCalls calls, string name) : IObjectWriter
{
    // A blob has at most 50,000 blocks: 195 GiB. One block is in memory.
    private const int BlockBytes = 4 << 20;
    private const int WriterBytes = 16;

    private readonly BlockBlobClient _blob = calls.BlockBlob(name);

    // Names the writer in the names of its blocks, so that those of another writer never stand in for them.
    private readonly byte[] _blockId = [.. RandomNumberGenerator.GetBytes(WriterBytes), .. new byte[sizeof(int)]];
    private readonly List<string> _blocks = [];
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BlockBytes);
    private int _buffered;
    private bool _isUsable = true;

    /// <inheritdoc/>
    public long Length { get; private set; }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default)
    {
        Begin();
        while (!content.IsEmpty)
        {
            var part = content[..Math.Min(content.Length, BlockBytes - _buffered)];
            part.CopyTo(_buffer.AsMemory(_buffered));
            _buffered += part.Length;
            Length += part.Length;
            content = content[part.Length..];
            if (_buffered == BlockBytes)
                await StageAsync(cancellationToken);
        }
        _isUsable = true;
    }

    /// <inheritdoc/>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken = default)
    {
        Begin();
        if (_buffered > 0)
            await StageAsync(cancellationToken);
        var blob = new WholeBlob(calls, name, BlobLogRepeat.Harmless);
        while (await blob.TryCommitAsync(_blocks, await blob.FindTagAsync(cancellationToken), cancellationToken) is null)
        {
            // Another object of the name was completed in between. The service dropped this one's blocks then, and says so in the next round.
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void Begin()
    {
        if (!_isUsable)
            throw new StorageException($"Blob {calls.Describe(name)} takes no more bytes: it is complete, or a part could not be written.", isTransient: true);
        _isUsable = false;
    }

    private async Task StageAsync(CancellationToken cancellationToken)
    {
        BinaryPrimitives.WriteInt32BigEndian(_blockId.AsSpan(WriterBytes), _blocks.Count);
        string id = Convert.ToBase64String(_blockId);
        // The checksum guards against what happens on the way, and against a buffer that is filled again while a lost request is still being sent.
        var options = new BlockBlobStageBlockOptions
        {
            TransferValidation = new UploadTransferValidationOptions { ChecksumAlgorithm = StorageChecksumAlgorithm.MD5 },
        };
        try
        {
            await calls.RunAsync(
                name,
                BlobLogRepeat.Harmless,
                token => _blob.StageBlockAsync(id, new MemoryStream(_buffer, 0, _buffered), options, token),
                cancellationToken);
        }
        catch (RequestFailedException answer)
        {
            throw calls.Refused(name, answer);
        }
        _blocks.Add(id);
        _buffered = 0;
    }
}
