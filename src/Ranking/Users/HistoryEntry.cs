using KgOrleans.Ranking.Events;

namespace KgOrleans.Ranking.Users;

/// <summary>One event that is remembered in full.</summary>
public sealed record HistoryEntry(string ItemId, EventType Type, float Value, long At, string CreatorId, string? SongId, IReadOnlyList<string> Tags);
