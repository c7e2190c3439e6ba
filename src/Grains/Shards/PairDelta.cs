using System.Runtime.InteropServices;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains.Shards;

/// <summary>What an event adds to the neighbours of an item, or to the weight of those who like it: 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct PairDelta
{
    private const int WeightBits = 4;
    private const int SaltBits = 64 - PartialKey.Bits - WeightBits;

    private readonly ulong _itemAndWeight;
    private readonly ulong _neighbour;

    /// <summary>A change.</summary>
    /// <param name="item">Partial key of the item.</param>
    /// <param name="neighbour">Partial key of its neighbour; 0 for the item itself, which one more user likes.</param>
    /// <param name="weight">Weight, 1..<see cref="ItemPairs.Unit"/>.</param>
    /// <param name="user">Key of the user.</param>
    public PairDelta(ulong item, ulong neighbour, int weight, ulong user) => (_itemAndWeight, _neighbour) =
        (item | ((ulong)weight << PartialKey.Bits) | (user >> (64 - SaltBits) << (64 - SaltBits)), neighbour);

    /// <summary>Partial key of the item.</summary>
    public ulong Item => _itemAndWeight & ((1UL << PartialKey.Bits) - 1);

    /// <summary>Weight.</summary>
    public int Weight => (int)(_itemAndWeight >> PartialKey.Bits) & ((1 << WeightBits) - 1);

    /// <summary>Some bits of the user's key.</summary>
    public int Salt => (int)(_itemAndWeight >> (64 - SaltBits));

    /// <summary>Partial key of the neighbour; 0 for the item itself.</summary>
    public ulong Neighbour => _neighbour;

    /// <summary>The changes that an event of the log makes, by shard: of both items of each pair.</summary>
    /// <param name="e">The event.</param>
    /// <param name="shards">Number of shards.</param>
    /// <param name="lists">A list for each shard, which the changes are added to.</param>
    public static void Add(UserEvent e, int shards, List<PairDelta>[] lists)
    {
        if (!ItemPairs.IsOf(e))
            return;
        var (item, user, count) = (PartialKey.Of(Key64.Of(e.ItemId)), Key64.Of(e.UserId), ItemPairs.CountOf(e));
        var (weight, own) = (ItemPairs.WeightOf(count), lists[PartialKey.Shard(item, shards)]);
        own.Add(new PairDelta(item, 0, weight, user));
        for (var i = 0; i < count; i++)
        {
            var other = PartialKey.At(e.PairedWith, i);
            own.Add(new PairDelta(item, other, weight, user));
            lists[PartialKey.Shard(other, shards)].Add(new PairDelta(other, item, weight, user));
        }
    }
}
