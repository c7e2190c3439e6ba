using System.Runtime.InteropServices;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Ranking.Catalogue;

/// <summary>Sums of the events of an item. Consumers of the event log build them; serving and replay use this same code.</summary>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public struct ItemCounters
{
    /// <summary>Half-life of the popularity that models and the statistics pre-ranker are fed; scenes order by their own.</summary>
    public static readonly TimeSpan HotHalfLife = TimeSpan.FromHours(HotMoment.DefaultHours);

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

    private HotSums _hot;

    /// <summary>Whether nothing was counted.</summary>
    public readonly bool IsZero => Impressions == 0 && Plays == 0 && Likes == 0 && Comments == 0 && _hot.Ever == 0 && Fans == 0;

    /// <summary>Sum of the weights of all positive events, however old.</summary>
    public readonly float Evidence => (float)_hot.Ever;

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
        if (at > HotAt)
        {
            _hot.Advance(at - HotAt);
            HotAt = at;
        }
        _hot.Add(weight, HotAt - at);
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
        _hot.Remove(EventTypes.InterestOf(type, value), Math.Max(0, HotAt - at));
    }

    /// <summary>Time-decayed popularity at a time (unix milliseconds).</summary>
    /// <remarks>A time before the newest event counts as that event's time: popularity never grows by looking back.</remarks>
    public readonly float Hot(long now) =>
        _hot.Days == 0 ? 0 : (float)(_hot.Days * HotSums.Left(Math.Max(0, now - HotAt), HotMoment.DefaultHours));

    /// <summary>Popularity at a moment on the scale of <see cref="HotScale"/>.</summary>
    /// <param name="moment">The moment.</param>
    /// <param name="quality">Quality, 0..1: orders items without popularity.</param>
    public readonly float HotOrder(HotMoment moment, float quality) =>
        _hot.Ever > 0 && moment.Popularity(_hot, HotAt) is > 0 and var hot ? HotScale.Of(hot) : HotScale.OfUnmet(quality);
}
