using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;

namespace KgOrleans.Ranking.Keys;

/// <summary>64-bit keys of string ids of every kind, and the buckets that keys fall into.</summary>
/// <remarks>
/// A key is XxHash64(UTF-8 of the id, seed 0). Items, creators, songs, tags, communities, regions, languages, tones, users, scenes, requests and events all use
/// it, so that scoring never touches a string.
/// Keys are stored in logs and columns: the hash never changes. Two item ids with the same key share a bucket and therefore a shard; that shard refuses the
/// second id.
/// </remarks>
public static class Key64
{
    /// <summary>Number of buckets that the key space is cut into; a shard is a set of buckets.</summary>
    public const int BucketCount = 256;

    /// <summary>The key of an id. Ids have at most 128 ASCII characters; a string of more than 512 bytes is hashed too, but allocates.</summary>
    public static ulong Of(ReadOnlySpan<char> id)
    {
        Span<byte> utf8 = stackalloc byte[512];
        return Encoding.UTF8.TryGetBytes(id, utf8, out var written)
            ? XxHash64.HashToUInt64(utf8[..written])
            : XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(id.ToString()));
    }

    /// <summary>The key of an optional id; 0 stands for "none".</summary>
    public static ulong OfOptional(string? id) => string.IsNullOrEmpty(id) ? 0 : Of(id);

    /// <summary>The keys of several ids, in order.</summary>
    public static ulong[] OfAll(IReadOnlyList<string> ids)
    {
        var keys = new ulong[ids.Count];
        for (var i = 0; i < keys.Length; i++)
            keys[i] = Of(ids[i]);
        return keys;
    }

    /// <summary>Bucket of a key, 0..255: key mod 256.</summary>
    public static int Bucket(ulong key) => (int)(key % BucketCount);

    /// <summary>
    /// Shard that owns a bucket when <paramref name="shardCount"/> shards (1..256) share the buckets in contiguous, nearly equal runs.
    /// </summary>
    public static int Shard(ulong key, int shardCount) => Bucket(key) * shardCount / BucketCount;

    /// <summary>Keys as little-endian bytes, for wire records that carry many.</summary>
    public static byte[] ToBytes(ReadOnlySpan<ulong> keys) => MemoryMarshal.AsBytes(keys).ToArray();

    /// <summary>The reverse of <see cref="ToBytes"/>, without a copy.</summary>
    public static ReadOnlySpan<ulong> FromBytes(ReadOnlySpan<byte> bytes) => MemoryMarshal.Cast<byte, ulong>(bytes);
}
