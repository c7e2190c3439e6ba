using System.Runtime.InteropServices;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Grains.Shards;

/// <summary>One event on its way into the counters: 24 bytes.</summary>
/// <param name="Key">Item key.</param>
/// <param name="At">Time, unix milliseconds.</param>
/// <param name="Value">Value; 0 for an event without one.</param>
/// <param name="Type">Type.</param>
/// <param name="TakesBack">Whether the event, counted before, is taken back.</param>
[StructLayout(LayoutKind.Sequential, Pack = 8)]
public readonly record struct CounterDelta(ulong Key, long At, float Value, EventType Type, bool TakesBack = false)
{
    /// <summary>Deltas as bytes.</summary>
    public static byte[] Write(ReadOnlySpan<CounterDelta> deltas) => MemoryMarshal.AsBytes(deltas).ToArray();

    /// <summary>The reverse of <see cref="Write"/>, without a copy.</summary>
    public static ReadOnlySpan<CounterDelta> Read(byte[] bytes) => MemoryMarshal.Cast<byte, CounterDelta>(bytes);
}
