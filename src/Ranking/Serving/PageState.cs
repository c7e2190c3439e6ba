using System.Buffers.Binary;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.ReRanking;

namespace KgOrleans.Ranking.Serving;

/// <summary>The content of a page token, which carries state from page to page. The API signs it.</summary>
/// <param name="UserKey">Key of the user that the chain belongs to.</param>
/// <param name="SceneKey">Key of the scene's name.</param>
/// <param name="SceneVersion">Version of the scene that served the first page.</param>
/// <param name="IssuedAt">Minute in which the first page was served, unix milliseconds: equal requests within a minute get equal tokens.</param>
/// <param name="Seed">Seed of the chain.</param>
/// <param name="Served">Keys served so far, in order.</param>
public sealed record PageState(ulong UserKey, ulong SceneKey, int SceneVersion, long IssuedAt, long Seed, ulong[] Served)
{
    /// <summary>How long a chain of pages can be continued.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    /// <summary>Most items in <see cref="Tail"/>: as far as the longest window rule looks back.</summary>
    public const int LongestTail = 31;

    // Older formats had no excluded items. Tokens live for half an hour, so none is left to read.
    private const byte Format = 3;
    private const int TailOffset = 1 + 8 + 8 + 4 + 8 + 8 + 4;
    private const int ExcludedOffset = TailOffset + 8 + 1;
    private const int HeaderSize = ExcludedOffset + 4;
    private const int ItemSize = 8 + 8 + 1 + 4;

    /// <summary>
    /// Identity of the rules' filters when <see cref="Tail"/> was made (<see cref="RuleSet.Key"/>): its filter bits mean something under that key only.
    /// </summary>
    public ulong RulesKey { get; init; }

    /// <summary>
    /// What window rules see of the newest items of <see cref="Served"/>, oldest first, so that the rules still count items that were deleted or changed since.
    /// </summary>
    public RuleItem[] Tail { get; init; } = [];

    /// <summary>Keys that requests of the chain excluded, each once, at most <see cref="Limits.Exclude"/>: later pages leave them out too.</summary>
    public ulong[] Excluded { get; init; } = [];

    /// <summary>The state as bytes.</summary>
    public byte[] Encode()
    {
        var bytes = new byte[HeaderSize + ((Served.Length + Excluded.Length) * sizeof(ulong)) + (Tail.Length * ItemSize)];
        bytes[0] = Format;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(1), UserKey);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(9), SceneKey);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(17), SceneVersion);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(21), IssuedAt);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(29), Seed);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(37), Served.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(TailOffset), RulesKey);
        bytes[TailOffset + 8] = checked((byte)Tail.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(ExcludedOffset), Excluded.Length);
        Key64.ToBytes(Served).CopyTo(bytes, HeaderSize);
        Key64.ToBytes(Excluded).CopyTo(bytes, HeaderSize + (Served.Length * sizeof(ulong)));
        var at = bytes.AsSpan(HeaderSize + ((Served.Length + Excluded.Length) * sizeof(ulong)));
        foreach (var item in Tail)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(at, item.Creator);
            BinaryPrimitives.WriteUInt64LittleEndian(at[8..], item.Song);
            at[16] = (byte)item.Kind;
            BinaryPrimitives.WriteUInt32LittleEndian(at[17..], item.Filters);
            at = at[ItemSize..];
        }
        return bytes;
    }

    /// <summary>Reads a state; false when the bytes are not a state of this format.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out PageState? state)
    {
        state = null;
        if (bytes.Length < HeaderSize || bytes[0] != Format)
            return false;
        var served = BinaryPrimitives.ReadInt32LittleEndian(bytes[37..]);
        int tail = bytes[TailOffset + 8];
        var excluded = BinaryPrimitives.ReadInt32LittleEndian(bytes[ExcludedOffset..]);
        if (served is < 0 or > Limits.PagedItems || excluded is < 0 or > Limits.Exclude || tail > Math.Min(served, LongestTail)
            || bytes.Length != HeaderSize + ((served + excluded) * sizeof(ulong)) + (tail * ItemSize))
            return false;
        var items = new RuleItem[tail];
        var at = bytes[(HeaderSize + ((served + excluded) * sizeof(ulong)))..];
        for (var i = 0; i < tail; i++, at = at[ItemSize..])
        {
            items[i] = new RuleItem(
                BinaryPrimitives.ReadUInt64LittleEndian(at),
                BinaryPrimitives.ReadUInt64LittleEndian(at[8..]),
                (ItemKind)at[16],
                BinaryPrimitives.ReadUInt32LittleEndian(at[17..]));
        }
        state = new PageState(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[1..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[9..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[17..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[21..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[29..]),
            Key64.FromBytes(bytes.Slice(HeaderSize, served * sizeof(ulong))).ToArray())
        {
            RulesKey = BinaryPrimitives.ReadUInt64LittleEndian(bytes[TailOffset..]),
            Tail = items,
            Excluded = Key64.FromBytes(bytes.Slice(HeaderSize + (served * sizeof(ulong)), excluded * sizeof(ulong))).ToArray(),
        };
        return true;
    }
}
