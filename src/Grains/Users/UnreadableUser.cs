using KgOrleans.Ranking.Users;
using KgOrleans.Storage;

namespace KgOrleans.Grains.Users;

/// <summary>A user whose stored state cannot be read. Every call of theirs is refused for good, but for the erasure.</summary>
public static class UnreadableUser
{
    /// <summary>What a grain gets in place of a state that cannot be read; null for states of other types.</summary>
    public static object? StandIn(Type type, StorageException why) => type == typeof(UserState) ? new UserState { Unreadable = why.Message } : null;

    /// <summary>
    /// The state that an erasure begins with. What the stored one counted is not known: the clock, which no count of writes reaches, takes the place of its
    /// counters, so that no version and no event id comes twice. All events that the log has count as applied.
    /// </summary>
    internal static UserState BeforeErasure((Guid Id, long End) log, DateTimeOffset now) => new()
    {
        // An event stands where the log ended before it.
        AppliedPosition = Math.Max(0, log.End - 1),
        LogId = log.Id,
        LastEventAt = now.ToUnixTimeMilliseconds(),
        Version = now.ToUnixTimeMilliseconds(),
        ProfileVersion = now.ToUnixTimeMilliseconds(),
        Erasures = (int)now.ToUnixTimeSeconds(),
    };
}
