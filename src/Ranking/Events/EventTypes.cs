namespace KgOrleans.Ranking.Events;

/// <summary>The table of event types: what each means. docs/events.md shows the same table.</summary>
public static class EventTypes
{
    /// <summary>Least share played of a valid play. Valid plays are the label of the play objective, and count as a sign of liking.</summary>
    public const double ValidPlay = 0.5;

    private static readonly EventTypeInfo[] Table =
    [
        new(EventType.Impression, 0, 0, 0f, false, true, false, "none"),
        new(EventType.Play, 1, 1, 1f, true, true, false, "share played, 0..1"),
        new(EventType.Like, 0, 0, 1.5f, false, false, true, "none"),
        new(EventType.Follow, 0, 0, 2f, false, false, true, "none"),
        new(EventType.Share, 0, 0, 2f, false, false, true, "none"),
        new(EventType.Comment, 0, 0, 1.5f, false, false, true, "none"),
        new(EventType.Gift, 1_000_000, 1, 2f, false, false, true, "amount, 0..1,000,000"),
        new(EventType.Dislike, 0, 0, -2f, false, false, true, "none"),
        new(EventType.Skip, 0, 0, -0.5f, false, false, false, "none"),
    ];

    /// <summary>All types, ordered by their byte value.</summary>
    public static IReadOnlyList<EventTypeInfo> All => Table;

    /// <summary>Meaning of a type. Throws <see cref="ArgumentOutOfRangeException"/> for a value outside the enumeration.</summary>
    public static EventTypeInfo Of(EventType type) =>
        (int)type < Table.Length ? Table[(int)type] : throw new ArgumentOutOfRangeException(nameof(type), type, "unknown event type");

    /// <summary>Whether the event is a sign of liking: a valid play, like, follow, share, comment or gift.</summary>
    public static bool IsPositive(EventType type, double value) =>
        type == EventType.Play ? value >= ValidPlay : Of(type).Interest > 0;

    /// <summary>Change of interest that an event of this type and value makes.</summary>
    public static float InterestOf(EventType type, double value)
    {
        var info = Of(type);
        return info.ValueScalesInterest ? info.Interest * (float)value : info.Interest;
    }
}
