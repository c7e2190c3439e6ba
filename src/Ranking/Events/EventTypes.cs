namespace KgOrleans.Ranking.Events;

/// <summary>
/// The table of event types that this process serves with: what each means. A process serves one cluster, so the table is the process's own: it is set once at
/// start, before anything is read. docs/events.md shows the table without configuration.
/// </summary>
public static class EventTypes
{
    /// <summary>Least share played of a valid play. Valid plays are the label of the play objective, and count as a sign of liking.</summary>
    public const double ValidPlay = 0.5;

    /// <summary>Types whose counts models are fed: the first nine. The width of a bundle's input must not depend on a configuration.</summary>
    public const int OfModels = 9;

    private static EventTypeTable? _table;

    /// <summary>The table in use.</summary>
    public static EventTypeTable Table => Volatile.Read(ref _table) ?? EventTypeTable.Default;

    /// <summary>All types, ordered by their number.</summary>
    public static IReadOnlyList<EventTypeInfo> All => Table.All;

    /// <summary>Types whose items leave the user's pages for good.</summary>
    public static IReadOnlyList<EventType> Removing => Table.Removing;

    /// <summary><see cref="Removing"/>, a bit each.</summary>
    public static int RemovingMask => Table.RemovingMask;

    /// <summary>Sets the table. For the start of a process; a test that sets another one restores the default.</summary>
    public static void Use(EventTypeTable table) => Volatile.Write(ref _table, table);

    /// <summary>Meaning of a type. Throws <see cref="ArgumentOutOfRangeException"/> for a number that no type can have.</summary>
    public static EventTypeInfo Of(EventType type) => Table.Of(type);

    /// <summary>
    /// Whether the event is a sign of liking: by default a valid play, like, follow, share, comment or gift; of an operator's own types those with a weight
    /// above 0.
    /// </summary>
    public static bool IsPositive(EventType type, double value) => Of(type) is var info && info.Interest > 0 && value >= info.LeastPositive;

    /// <summary>Change of interest that an event of this type and value makes.</summary>
    public static float InterestOf(EventType type, double value)
    {
        var info = Of(type);
        return info.ValueScalesInterest ? info.Interest * (float)value : info.Interest;
    }
}
