namespace KgOrleans.Ranking.Events;

/// <summary>What one event type means.</summary>
/// <param name="Type">The type.</param>
/// <param name="Name">Its name in JSON.</param>
/// <param name="MaxValue">Largest allowed <c>value</c>; 0 when the type has none.</param>
/// <param name="DefaultValue">Value assumed when the caller sends none.</param>
/// <param name="Interest">Change of interest in the item's tags, song and creator for each unit of value, or for each event when the type has no value.</param>
/// <param name="ValueScalesInterest">Whether <paramref name="Interest"/> is multiplied by the value.</param>
/// <param name="Seen">Whether the default seen rule of a scene counts it.</param>
/// <param name="Undo">Whether events with <c>undo: true</c> may take it back.</param>
/// <param name="Meaning">What <c>value</c> means, for documents and error messages.</param>
public sealed record EventTypeInfo(
    EventType Type, string Name, double MaxValue, double DefaultValue, float Interest, bool ValueScalesInterest, bool Seen, bool Undo, string Meaning)
{
    /// <summary>Least value of an event that is a sign of liking, where <see cref="Interest"/> is above 0.</summary>
    public double LeastPositive { get; init; }

    /// <summary>Whether the item leaves the user's pages for good, until the event is taken back.</summary>
    public bool Removes { get; init; }
}
