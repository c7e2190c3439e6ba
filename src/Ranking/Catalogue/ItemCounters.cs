using System.Runtime.InteropServices;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>What the events of an item add up to. Consumers of the event log build it; serving and replay use this same code.</summary>
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

    private long _hotAt;
    private double _hot;

    /// <summary>Whether nothing was counted.</summary>
    public readonly bool IsZero => Impressions == 0 && Plays == 0 && Likes == 0 && _hot == 0;

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
        }
        if (!EventTypes.IsPositive(type, value))
            return;
        var weight = EventTypes.InterestOf(type, value);
        if (at >= _hotAt)
        {
            _hot = (_hot * Decay(at - _hotAt)) + weight;
            _hotAt = at;
        }
        else
        {
            _hot += weight * Decay(_hotAt - at);
        }
    }

    /// <summary>Time-decayed popularity at a time (unix milliseconds).</summary>
    /// <remarks>A time before the newest event counts as that event's time: popularity never grows by looking back.</remarks>
    public readonly float Hot(long now) => _hot == 0 ? 0 : (float)(_hot * Decay(Math.Max(0, now - _hotAt)));

    /// <summary>Popularity on the scale of <see cref="HotScale"/>, which holds at any time.</summary>
    /// <param name="quality">Quality, 0..1: orders works without popularity.</param>
    public readonly float HotOrder(float quality) => _hot > 0 ? HotScale.Of(_hot, _hotAt) : HotScale.OfUnmet(quality);

    private static double Decay(long elapsedMs) => double.Exp2(-elapsedMs / HotHalfLife.TotalMilliseconds);
}
