namespace KgOrleans.Ranking.Users;

/// <summary>An event that came without id and time.</summary>
/// <param name="Event">Key of its hash (<see cref="Events.UserEvent.IdOrHash"/>): equal events have the same.</param>
/// <param name="At">When it arrived, unix milliseconds.</param>
public sealed record ArrivedEvent(ulong Event, long At);
