using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace KgOrleans.Storage.Logs.Blobs;

/// <summary>
/// The block that ends an earlier writer's segment: the writer's next append is not at the end any more. Integers are little-endian.
/// </summary>
/// <remarks>
/// <code>
/// u32 0xFFFFFFFF  magic[12] "KGLOGFENCE" 0 0  random id[16]  SHA-256(segment's name, its first 80 bytes, the 32 bytes before)[0..16]
/// </code>
/// No record starts like this, since its length is at most <see cref="LogLimits.MaxRecordBytes"/>. A payload cannot pass for a fence either: the first bytes of
/// a segment hold the log's random id and the segment's position, and a fence of the same segment is made after every record in it.
/// </remarks>
internal static class BlobFence
{
    /// <summary>Bytes of a fence.</summary>
    public const int Bytes = 48;

    /// <summary>Bytes of the segment's start that a fence is bound to; fewer when the segment is shorter.</summary>
    public const int HeadBytes = SegmentFormat.HeaderBytes;

    private const int IdOffset = 16;
    private const int ChecksumOffset = 32;

    private static ReadOnlySpan<byte> Magic => "KGLOGFENCE\0\0"u8;

    /// <summary>A new fence for a segment.</summary>
    /// <param name="segment">The segment's name.</param>
    /// <param name="head">Its first bytes.</param>
    public static byte[] Create(string segment, ReadOnlySpan<byte> head)
    {
        byte[] fence = new byte[Bytes];
        BinaryPrimitives.WriteUInt32LittleEndian(fence, uint.MaxValue);
        Magic.CopyTo(fence.AsSpan(sizeof(uint)));
        RandomNumberGenerator.Fill(fence.AsSpan(IdOffset, ChecksumOffset - IdOffset));
        Checksum(segment, head, fence).CopyTo(fence.AsSpan(ChecksumOffset));
        return fence;
    }

    /// <summary>Whether bytes are a fence of a segment.</summary>
    public static bool Is(string segment, ReadOnlySpan<byte> head, ReadOnlySpan<byte> bytes) =>
        bytes.Length == Bytes
        && BinaryPrimitives.ReadUInt32LittleEndian(bytes) == uint.MaxValue
        && bytes[sizeof(uint)..].StartsWith(Magic)
        && bytes[ChecksumOffset..].SequenceEqual(Checksum(segment, head, bytes));

    /// <summary>Whether what stands at a place starts like a fence, and so like no record.</summary>
    /// <param name="bytes">At least the first four bytes.</param>
    public static bool IsStart(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32LittleEndian(bytes) == uint.MaxValue;

    private static ReadOnlySpan<byte> Checksum(string segment, ReadOnlySpan<byte> head, ReadOnlySpan<byte> fence)
    {
        byte[] covered = [.. Encoding.UTF8.GetBytes(segment), .. head, .. fence[..ChecksumOffset]];
        return SHA256.HashData(covered).AsSpan(0, Bytes - ChecksumOffset);
    }
}
