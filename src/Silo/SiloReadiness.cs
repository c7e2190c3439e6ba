using KgOrleans.Grains.Events;
using KgOrleans.Storage.Events;

namespace KgOrleans.Silo;

/// <summary>What keeps this silo from serving as it should, beside its shards.</summary>
public sealed class SiloReadiness(EventLog events, CounterConsumer counters, ClockWatch clock)
{
    /// <summary>Why requests should go elsewhere, for operators; null when they are welcome.</summary>
    public string? Obstacle =>
        events.Failure is { } failure ? $"Events cannot be recorded: {failure}"
        : !counters.HasCaughtUp ? "The counters of items do not yet contain every event of the log."
        : clock.Obstacle;
}
