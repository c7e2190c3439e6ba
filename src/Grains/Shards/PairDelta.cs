using System.Runtime.InteropServices;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains.Shards;

/// <summary>What an event adds to the neighbours of an item: 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct PairDelta
{
    private const int WeightBits = 4;
    private const int SaltBits = 64 - PartialKey.Bits - WeightBits;

    private readonly ulong _itemAndWeight;
    private readonly ulong _neighbour;

    /// <summary>A change.</summary>
    /// <param name="item">Partial key of the item.</param>
    /// <param name="neighbour">Partial key of its neighbour.</param>
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

    /// <summary>Partial key of the neighbour.</summary>
    public ulong Neighbour => _neighbour;

    /// <summary>The changes that an event of the log makes: of both items of each pair.</summary>
    public static IEnumerable<PairDelta> Of(UserEvent e)
    {
        if (!ItemPairs.IsOf(e))
            yield break;
        var (item, user, count) = (PartialKey.Of(Key64.Of(e.ItemId)), Key64.Of(e.UserId), ItemPairs.CountOf(e));
        var weight = ItemPairs.WeightOf(count);
        for (var i = 0; i < count; i++)
        {
            var other = PartialKey.At(e.PairedWith, i);
            yield return new PairDelta(item, other, weight, user);
            yield return new PairDelta(other, item, weight, user);
        }
    }
}
