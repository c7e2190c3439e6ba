namespace KgOrleans.Ranking.Events;

/// <summary>An event that counts in the rates and the popularity of its item.</summary>
/// <param name="ItemId">The item.</param>
/// <param name="At">Time of the event, unix milliseconds.</param>
public readonly record struct CountedEvent(string ItemId, long At);
