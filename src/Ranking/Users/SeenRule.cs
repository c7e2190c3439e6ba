using KgOrleans.Ranking.Events;

namespace KgOrleans.Ranking.Users;

/// <summary>A scene's <c>seen</c> rule: which types of event mark an item as seen, for how long, and how many items at most.</summary>
/// <param name="TypesMask">Bit t is set when <see cref="EventType"/> t counts.</param>
/// <param name="Horizon">How long an item stays seen.</param>
/// <param name="Max">How many of the newest items count.</param>
public readonly record struct SeenRule(int TypesMask, TimeSpan Horizon, int Max);
