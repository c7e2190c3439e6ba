using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Events;

/// <summary>Checks events before they are recorded.</summary>
public static class EventValidator
{
    // Clients may count positions over several chains of pages; nobody scrolls further.
    private const int LastPosition = 10_000;

    /// <summary>Checks an event as sent; returns every error.</summary>
    public static IReadOnlyList<FieldError> Validate(UserEvent e, DateTimeOffset now)
    {
        var checks = new FieldChecks();
        checks.OptionalId("eventId", e.EventId);
        checks.Id("userId", e.UserId);
        checks.Id("itemId", e.ItemId);
        checks.OptionalId("requestId", e.RequestId);
        checks.OptionalId("scene", e.Scene);
        checks.Range("position", e.Position, 0, LastPosition);
        checks.Time("timestamp", e.Timestamp, Limits.EarliestTime, now + Limits.ClockSkew);
        if (e.Repeat is not null)
            checks.Add("repeat", "unexpected", "must be absent: only the event log holds it");
        if (e.TakesBack is not null)
            checks.Add("takesBack", "unexpected", "must be absent: only the event log holds it");
        var isKnown = EventTypes.Table.Has(e.Type);
        if (!isKnown)
            checks.Add("type", "unknownEventType", "must be one of " + string.Join(", ", EventTypes.All.Select(t => t.Name)));
        else if (e.Value is not null && EventTypes.Of(e.Type) is { MaxValue: 0 } info)
            checks.Add("value", "unexpected", $"must be absent: {info.Name} events have no value");
        else
            checks.Range("value", e.Value, 0, EventTypes.Of(e.Type).MaxValue);
        if (e.IsUndo && isKnown)
            CheckUndo(checks, e);
        return checks.Errors;
    }

    private static void CheckUndo(FieldChecks checks, UserEvent e)
    {
        if (!EventTypes.Of(e.Type).Undo)
            checks.Add("undo", "unexpected", $"must be absent: only {string.Join(", ", EventTypes.All.Where(t => t.Undo).Select(t => t.Name))} can be taken back");
        else if (e.Value is not null)
            checks.Add("value", "unexpected", "must be absent: an undo takes back events whatever their value");
    }

    /// <summary>The event as the log keeps it: id, value and time filled in.</summary>
    public static UserEvent Complete(UserEvent e, DateTimeOffset now) => e with
    {
        EventId = e.IdOrHash(),
        Timestamp = (e.Timestamp ?? now).ToUniversalTime(),
        Value = e.Value ?? EventTypes.Of(e.Type).DefaultValue,
    };
}
