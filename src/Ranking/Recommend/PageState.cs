using System.Buffers.Binary;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Recommend;

/// <summary>What a page token carries from page to page. Signed by the API; this is its content.</summary>
/// <param name="UserKey">Key of the user that the chain belongs to.</param>
/// <param name="SceneKey">Key of the scene's name.</param>
/// <param name="SceneVersion">Version of the scene that served the first page.</param>
/// <param name="IssuedAt">Minute in which the first page was served, unix milliseconds: equal requests of a minute get equal tokens.</param>
/// <param name="Seed">Seed of the chain.</param>
/// <param name="Served">Keys served so far, in order.</param>
public sealed record PageState(ulong UserKey, ulong SceneKey, int SceneVersion, long IssuedAt, long Seed, ulong[] Served)
{
    /// <summary>How long a chain of pages can be continued.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    private const byte Format = 1;
    private const int HeaderSize = 1 + 8 + 8 + 4 + 8 + 8 + 4;

    /// <summary>The state as bytes.</summary>
    public byte[] Encode()
    {
        var bytes = new byte[HeaderSize + (Served.Length * sizeof(ulong))];
        bytes[0] = Format;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(1), UserKey);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(9), SceneKey);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(17), SceneVersion);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(21), IssuedAt);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(29), Seed);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(37), Served.Length);
        ItemKey.ToBytes(Served).CopyTo(bytes, HeaderSize);
        return bytes;
    }

    /// <summary>Reads a state; false for bytes that are none.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out PageState? state)
    {
        state = null;
        if (bytes.Length < HeaderSize || bytes[0] != Format)
            return false;
        var served = BinaryPrimitives.ReadInt32LittleEndian(bytes[37..]);
        if (served is < 0 or > Limits.PagedItems || bytes.Length != HeaderSize + (served * sizeof(ulong)))
            return false;
        state = new PageState(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[1..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[9..]), BinaryPrimitives.ReadInt32LittleEndian(bytes[17..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[21..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[29..]), ItemKey.FromBytes(bytes[HeaderSize..]).ToArray());
        return true;
    }
}
