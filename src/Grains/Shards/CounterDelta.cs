using System.Runtime.InteropServices;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Grains.Shards;

/// <summary>What one event changes about one item: 32 bytes.</summary>
/// <param name="Key">Item key.</param>
/// <param name="At">Time of the event that is counted or taken back, unix milliseconds.</param>
/// <param name="Position">Where the event stands in its partition of the log.</param>
/// <param name="Value">Value; 0 for an event without one.</param>
/// <param name="Type">Type.</param>
/// <param name="Change">What it does to the counters of its type.</param>
/// <param name="Fans">Weight of a user who has come to like the item; 0 for none.</param>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public readonly record struct CounterDelta(ulong Key, long At, long Position, float Value, EventType Type, CounterChange Change, byte Fans = 0)
{
    /// <summary>The changes that an event of the log makes.</summary>
    /// <param name="e">The event.</param>
    /// <param name="position">Where it stands.</param>
    public static IEnumerable<CounterDelta> Of(UserEvent e, long position)
    {
        foreach (var count in ItemCount.Of(e))
        {
            var change = count.TakesBack ? CounterChange.TakeBack : CounterChange.Add;
            yield return new CounterDelta(Key64.Of(count.ItemId), count.At, position, (float)count.Value, count.Type, change);
        }
        if (ItemPairs.IsOf(e))
        {
            var weight = (byte)ItemPairs.WeightOf(ItemPairs.CountOf(e));
            yield return new CounterDelta(Key64.Of(e.ItemId), At: 0, position, Value: 0, e.Type, CounterChange.None, weight);
        }
    }

    /// <summary>Deltas as bytes.</summary>
    public static byte[] Write(ReadOnlySpan<CounterDelta> deltas) => MemoryMarshal.AsBytes(deltas).ToArray();

    /// <summary>The reverse of <see cref="Write"/>, without a copy.</summary>
    public static ReadOnlySpan<CounterDelta> Read(byte[] bytes) => MemoryMarshal.Cast<byte, CounterDelta>(bytes);
}
