namespace KgOrleans.Ranking.Events;

/// <summary>What an event of the log does to the counters of one item.</summary>
/// <param name="ItemId">The item.</param>
/// <param name="Type">Type of the event that is counted or taken back.</param>
/// <param name="Value">Its value, completed.</param>
/// <param name="At">Its time, unix milliseconds.</param>
/// <param name="TakesBack">Whether the event is taken back.</param>
public readonly record struct ItemCount(string ItemId, EventType Type, double Value, long At, bool TakesBack)
{
    /// <summary>
    /// The changes that an event of the log makes: one, none for a repeat, and for an undo one for each event that it takes back. They follow from the record
    /// alone, so that reading the log again gives the same counters.
    /// </summary>
    public static IEnumerable<ItemCount> Of(UserEvent e)
    {
        if (e.IsUndo)
        {
            foreach (var counted in e.TakesBack ?? [])
                yield return new ItemCount(counted.ItemId, e.Type, EventTypes.Of(e.Type).DefaultValue, counted.At, TakesBack: true);
        }
        else if (e.Repeat != true)
        {
            yield return new ItemCount(e.ItemId, e.Type, e.Value ?? 0, e.Timestamp!.Value.ToUnixTimeMilliseconds(), TakesBack: false);
        }
    }
}
