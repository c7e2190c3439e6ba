using System.Runtime.InteropServices;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Items;

/// <summary>
/// What filters read of an item beside its row: communities and named numbers. Of any length, so they travel only where a filter asks for them.
/// </summary>
/// <param name="communities">Keys of the communities.</param>
/// <param name="names">Keys of the names of the features.</param>
/// <param name="values">Value of each feature.</param>
public sealed class ItemAttributes(ulong[] communities, ulong[] names, float[] values)
{
    private static readonly ItemAttributes None = new([], [], []);

    /// <summary>Keys of the communities.</summary>
    public ReadOnlySpan<ulong> Communities => communities;

    /// <summary>The attributes of a document.</summary>
    public static ItemAttributes Of(ItemDocument item)
    {
        var features = item.Features ?? new Dictionary<string, double>();
        return item.CommunityIds.Count == 0 && features.Count == 0
            ? None
            : new ItemAttributes(Key64.OfAll(item.CommunityIds), Key64.OfAll([.. features.Keys]), [.. features.Values.Select(v => (float)v)]);
    }

    /// <summary>Value of a feature by the key of its name; NaN when the item has none.</summary>
    public float Feature(ulong name) => Array.IndexOf(names, name) is >= 0 and var i ? values[i] : float.NaN;

    /// <summary>Attributes of several items as bytes: of each the two lengths, then keys and values.</summary>
    public static byte[] Pack(IReadOnlyList<ItemAttributes> items)
    {
        using var bytes = new MemoryStream();
        using var writer = new BinaryWriter(bytes);
        foreach (var item in items)
            item.Write(writer);
        return bytes.ToArray();
    }

    /// <summary>The reverse of <see cref="Pack"/>; null for no bytes.</summary>
    /// <exception cref="EndOfStreamException">The bytes are of fewer items.</exception>
    public static ItemAttributes[]? Unpack(byte[] bytes, int count)
    {
        if (bytes.Length == 0)
            return null;
        using var reader = new BinaryReader(new MemoryStream(bytes, writable: false));
        var items = new ItemAttributes[count];
        for (var i = 0; i < count; i++)
        {
            var (communities, features) = (new ulong[reader.ReadByte()], reader.ReadByte());
            var (names, values) = (new ulong[features], new float[features]);
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(communities.AsSpan()));
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(names.AsSpan()));
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
            items[i] = new ItemAttributes(communities, names, values);
        }
        return items;
    }

    private void Write(BinaryWriter writer)
    {
        writer.Write(checked((byte)communities.Length));
        writer.Write(checked((byte)names.Length));
        writer.Write(MemoryMarshal.AsBytes(communities.AsSpan()));
        writer.Write(MemoryMarshal.AsBytes(names.AsSpan()));
        writer.Write(MemoryMarshal.AsBytes(values.AsSpan()));
    }
}
