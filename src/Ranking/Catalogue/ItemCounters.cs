using System.Runtime.InteropServices;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>Sums of the events of an item. Consumers of the event log build them; serving and replay use this same code.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public struct ItemCounters
{
    /// <summary>A play counts half for popularity after this time: hits on these platforms last days.</summary>
    public static readonly TimeSpan HotHalfLife = TimeSpan.FromHours(72);

    /// <summary>Impressions so far.</summary>
    public int Impressions;

    /// <summary>Valid plays so far.</summary>
    public int Plays;

    /// <summary>Likes so far.</summary>
    public int Likes;

    /// <summary>Summed weights of the users who like the item, each once (<see cref="ItemPairs.WeightOf"/>).</summary>
    public uint Fans;

    private uint _hotAtLow;
    private ushort _hotAtHigh;

    /// <summary>Comments so far; stays at its largest value, 65,535, which is enough to find items with few comments.</summary>
    public ushort Comments;

    private double _hot;

    /// <summary>Whether nothing was counted.</summary>
    public readonly bool IsZero => Impressions == 0 && Plays == 0 && Likes == 0 && Comments == 0 && _hot == 0 && Fans == 0;

    // Milliseconds since 1970 in 48 bits: until the year 10889. Every item with an event needs this memory.
    private long HotAt
    {
        readonly get => ((long)_hotAtHigh << 32) | _hotAtLow;
        set => (_hotAtHigh, _hotAtLow) = ((ushort)(value >> 32), (uint)value);
    }

    /// <summary>Counts one event.</summary>
    /// <param name="type">Type.</param>
    /// <param name="value">Value, completed.</param>
    /// <param name="at">Time, unix milliseconds.</param>
    public void Add(EventType type, double value, long at)
    {
        switch (type)
        {
            case EventType.Impression: Impressions++; break;
            case EventType.Play when value >= EventTypes.ValidPlay: Plays++; break;
            case EventType.Like: Likes++; break;
            case EventType.Comment when Comments < ushort.MaxValue: Comments++; break;
        }
        if (!EventTypes.IsPositive(type, value))
            return;
        var weight = EventTypes.InterestOf(type, value);
        if (at >= HotAt)
        {
            _hot = (_hot * Decay(at - HotAt)) + weight;
            HotAt = at;
        }
        else
        {
            _hot += weight * Decay(HotAt - at);
        }
    }

    /// <summary>Takes back an event that was counted: counters and popularity are as if it had never been.</summary>
    /// <param name="type">Type.</param>
    /// <param name="value">Value, completed.</param>
    /// <param name="at">Time of the event, unix milliseconds.</param>
    public void TakeBack(EventType type, double value, long at)
    {
        switch (type)
        {
            case EventType.Like when Likes > 0: Likes--; break;
            // A counter that stands at its largest value does not know how many it stands for.
            case EventType.Comment when Comments is > 0 and < ushort.MaxValue: Comments--; break;
        }
        if (!EventTypes.IsPositive(type, value))
            return;
        var share = EventTypes.InterestOf(type, value) * Decay(Math.Max(0, HotAt - at));
        // What is left of rounding must not stand before items without any event. Counters that began anew never had the event.
        _hot = _hot - share > share * 1e-10 ? _hot - share : 0;
    }

    /// <summary>Time-decayed popularity at a time (unix milliseconds).</summary>
    /// <remarks>A time before the newest event counts as that event's time: popularity never grows by looking back.</remarks>
    public readonly float Hot(long now) => _hot == 0 ? 0 : (float)(_hot * Decay(Math.Max(0, now - HotAt)));

    /// <summary>Popularity on the scale of <see cref="HotScale"/>, which holds at any time.</summary>
    /// <param name="quality">Quality, 0..1: orders items without popularity.</param>
    public readonly float HotOrder(float quality) => _hot > 0 ? HotScale.Of(_hot, HotAt) : HotScale.OfUnmet(quality);

    private static double Decay(long elapsedMs) => double.Exp2(-elapsedMs / HotHalfLife.TotalMilliseconds);
}
