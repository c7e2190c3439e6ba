using KgOrleans.Ranking.Events;

namespace KgOrleans.Ranking.Users;

/// <summary>Which types of event count as having seen an item, for how long, and how many items at most: a scene's <c>seen</c> rule.</summary>
/// <param name="TypesMask">Bit t is set when <see cref="EventType"/> t counts.</param>
/// <param name="Horizon">How long an item stays seen.</param>
/// <param name="Max">Newest items that count.</param>
public readonly record struct SeenRule(int TypesMask, TimeSpan Horizon, int Max);
