using KgOrleans.Ranking.Events;

namespace KgOrleans.Grains.Users;

/// <summary>One event of a user's history as the API shows it.</summary>
public sealed record UserHistoryItem(
    string ItemId, EventType Type, float Value, DateTimeOffset Timestamp, string CreatorId, string? SongId, IReadOnlyList<string> Tags);
