using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Grains.Users;

/// <summary>A write of one user that waits to become durable: events, or a write of the profile.</summary>
internal sealed class PendingUserWrite
{
    /// <summary>The events; empty for a write of the profile.</summary>
    public UserEvent[] Events { get; init; } = [];

    /// <summary>The same events as they go into the event log.</summary>
    public byte[][] Payloads { get; init; } = [];

    /// <summary>What each event was completed with; may be shorter.</summary>
    public EventFilled[] Filled { get; init; } = [];

    /// <summary>How each event ended.</summary>
    public EventStatus[] Statuses { get; init; } = [];

    /// <summary>The write of the profile; null for events.</summary>
    public ProfileCommand? Profile { get; init; }

    /// <summary>How the write of the profile ended.</summary>
    public WriteResult? Result { get; private set; }

    /// <summary>Completes when the write has ended, whichever way.</summary>
    public TaskCompletionSource Done { get; } = new();

    /// <summary>Bytes that the write adds to the event log.</summary>
    public long Bytes => Payloads.Sum(p => (long)p.Length);

    /// <summary>Sets how the write of the profile ended; the state is still to be stored.</summary>
    public void Settle(WriteResult result) => Result = result;

    /// <summary>Answers that nothing was recorded.</summary>
    public void Refuse()
    {
        Array.Fill(Statuses, EventStatus.Unavailable);
        Result = UserProfileWrites.Unavailable();
        Done.TrySetResult();
    }
}
