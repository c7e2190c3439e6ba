using KgOrleans.Ranking.Events;

namespace KgOrleans.Ranking.Users;

/// <summary>One event of a user's history.</summary>
/// <param name="ItemId">The item.</param>
/// <param name="Type">What the user did.</param>
/// <param name="Value">Value of the event (<see cref="EventTypes"/>).</param>
/// <param name="At">Time of the event, unix milliseconds.</param>
/// <param name="CreatorId">Creator of the item.</param>
/// <param name="SongId">Song of the item, if any.</param>
/// <param name="Tags">Tags of the item.</param>
public sealed record HistoryEntry(string ItemId, EventType Type, float Value, long At, string CreatorId, string? SongId, IReadOnlyList<string> Tags);
