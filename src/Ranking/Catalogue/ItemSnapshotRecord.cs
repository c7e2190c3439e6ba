using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// An item in a base snapshot: its columns, ready to be appended to a partition without parsing its document, its counters, and the record of the shard's log
/// that has the document and the vectors.
/// </summary>
/// <remarks>
/// A fixed part in the layout of memory (<see cref="Fixed"/>), then u64 keys of tags, communities and features, f32 values of features, f32 content vector, i32
/// ends of tags, the texts of id, creator, song and tags, and the record of the log up to the end. Little-endian.
/// </remarks>
public static class ItemSnapshotRecord
{
    private const int Hidden = 1;
    private const int HasContent = 2;

    /// <summary>Writes an item.</summary>
    /// <param name="item">Its columns; vectors of spaces are left out, the record of the log has them.</param>
    /// <param name="counters">Its counters.</param>
    /// <param name="record">Record of the log.</param>
    public static byte[] Encode(in DecodedItem item, ItemCounters counters, ReadOnlySpan<byte> record)
    {
        var start = new Fixed
        {
            Key = item.Key,
            CreatorKey = item.CreatorKey,
            SongKey = item.SongKey,
            RegionKey = item.RegionKey,
            LanguageKey = item.LanguageKey,
            ToneKey = item.ToneKey,
            WorldKey = item.WorldKey,
            PublishedAt = item.PublishedAt,
            ExpiresAt = item.ExpiresAt,
            Version = item.Version,
            Counters = counters,
            DurationSeconds = item.DurationSeconds,
            Quality = item.Quality,
            IdBytes = item.Id.Length,
            CreatorBytes = item.Creator.Length,
            SongBytes = item.Song.Length,
            TagBytes = item.TagText.Length,
            Tags = item.TagKeys.Length,
            Communities = item.CommunityKeys.Length,
            Features = item.FeatureKeys.Length,
            ContentDimension = item.Content.Length,
            Kind = (int)item.Kind,
            Flags = (item.Hidden ? Hidden : 0) | (item.HasContent ? HasContent : 0),
        };
        var bytes = new byte[Unsafe.SizeOf<Fixed>() + start.VariableBytes + record.Length];
        MemoryMarshal.Write(bytes, start);
        var rest = bytes.AsSpan(Unsafe.SizeOf<Fixed>());
        Put(ref rest, MemoryMarshal.AsBytes(item.TagKeys));
        Put(ref rest, MemoryMarshal.AsBytes(item.CommunityKeys));
        Put(ref rest, MemoryMarshal.AsBytes(item.FeatureKeys));
        Put(ref rest, MemoryMarshal.AsBytes(item.FeatureValues));
        Put(ref rest, MemoryMarshal.AsBytes(item.Content));
        Put(ref rest, MemoryMarshal.AsBytes(item.TagEnds));
        Put(ref rest, item.Id);
        Put(ref rest, item.Creator);
        Put(ref rest, item.Song);
        Put(ref rest, item.TagText);
        Put(ref rest, record);
        return bytes;
    }

    /// <summary>Reads an item; its spans are parts of the bytes. Throws <see cref="FormatException"/> for bytes that are not an item.</summary>
    /// <param name="bytes">What <see cref="Encode"/> wrote.</param>
    /// <param name="counters">Its counters.</param>
    /// <param name="record">Record of the log.</param>
    public static DecodedItem Decode(ReadOnlySpan<byte> bytes, out ItemCounters counters, out ReadOnlySpan<byte> record)
    {
        var start = FixedOf(bytes);
        var rest = bytes[Unsafe.SizeOf<Fixed>()..];
        counters = start.Counters;
        var item = new DecodedItem
        {
            Key = start.Key,
            CreatorKey = start.CreatorKey,
            SongKey = start.SongKey,
            RegionKey = start.RegionKey,
            LanguageKey = start.LanguageKey,
            ToneKey = start.ToneKey,
            WorldKey = start.WorldKey,
            PublishedAt = start.PublishedAt,
            ExpiresAt = start.ExpiresAt,
            Version = start.Version,
            DurationSeconds = start.DurationSeconds,
            Quality = start.Quality,
            Kind = (ItemKind)start.Kind,
            Hidden = (start.Flags & Hidden) != 0,
            HasContent = (start.Flags & HasContent) != 0,
            TagKeys = Take<ulong>(ref rest, start.Tags),
            CommunityKeys = Take<ulong>(ref rest, start.Communities),
            FeatureKeys = Take<ulong>(ref rest, start.Features),
            FeatureValues = Take<float>(ref rest, start.Features),
            Content = Take<float>(ref rest, start.ContentDimension),
            TagEnds = Take<int>(ref rest, start.Tags),
            Id = Take<byte>(ref rest, start.IdBytes),
            Creator = Take<byte>(ref rest, start.CreatorBytes),
            Song = Take<byte>(ref rest, start.SongBytes),
            TagText = Take<byte>(ref rest, start.TagBytes),
        };
        record = rest;
        return item;
    }

    /// <summary>Key of an item. Throws <see cref="FormatException"/> for bytes that are not an item.</summary>
    public static ulong KeyOf(ReadOnlySpan<byte> bytes) => FixedOf(bytes).Key;

    /// <summary>The record of the log of an item. Throws <see cref="FormatException"/> for bytes that are not an item.</summary>
    public static ReadOnlyMemory<byte> RecordOf(ReadOnlyMemory<byte> bytes) =>
        bytes[(Unsafe.SizeOf<Fixed>() + FixedOf(bytes.Span).VariableBytes)..];

    /// <summary>The same item with other counters.</summary>
    public static byte[] WithCounters(ReadOnlySpan<byte> bytes, ItemCounters counters)
    {
        var start = FixedOf(bytes);
        start.Counters = counters;
        var copy = bytes.ToArray();
        MemoryMarshal.Write(copy, start);
        return copy;
    }

    private static Fixed FixedOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < Unsafe.SizeOf<Fixed>())
            throw new FormatException("not an item of a snapshot");
        var start = MemoryMarshal.Read<Fixed>(bytes);
        return start.IsValid && start.VariableBytes < bytes.Length - Unsafe.SizeOf<Fixed>() ? start : throw new FormatException("not an item of a snapshot");
    }

    private static void Put(ref Span<byte> rest, ReadOnlySpan<byte> part)
    {
        part.CopyTo(rest);
        rest = rest[part.Length..];
    }

    private static ReadOnlySpan<T> Take<T>(scoped ref ReadOnlySpan<byte> rest, int count)
        where T : unmanaged
    {
        var bytes = count * Unsafe.SizeOf<T>();
        var part = MemoryMarshal.Cast<byte, T>(rest[..bytes]);
        rest = rest[bytes..];
        return part;
    }

    /// <summary>The part of every item that has one length.</summary>
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct Fixed
    {
        public ulong Key;
        public ulong CreatorKey;
        public ulong SongKey;
        public ulong RegionKey;
        public ulong LanguageKey;
        public ulong ToneKey;
        public ulong WorldKey;
        public long PublishedAt;
        public long ExpiresAt;
        public long Version;
        public ItemCounters Counters;
        public float DurationSeconds;
        public float Quality;
        public int IdBytes;
        public int CreatorBytes;
        public int SongBytes;
        public int TagBytes;
        public int Tags;
        public int Communities;
        public int Features;
        public int ContentDimension;
        public int Kind;
        public int Flags;

        public readonly bool IsValid =>
            (IdBytes | CreatorBytes | SongBytes | TagBytes | Tags | Communities | Features | ContentDimension) is >= 0 and <= Limit;

        public readonly int VariableBytes =>
            IdBytes + CreatorBytes + SongBytes + TagBytes + (Tags * (sizeof(ulong) + sizeof(int))) + (Communities * sizeof(ulong))
            + (Features * (sizeof(ulong) + sizeof(float))) + (ContentDimension * sizeof(float));

        // Far above what any item has, and far below where the sums overflow.
        private const int Limit = 1 << 24;
    }
}
