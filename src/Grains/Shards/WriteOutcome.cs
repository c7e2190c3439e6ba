using KgOrleans.Grains.Interfaces;

namespace KgOrleans.Grains.Shards;

/// <summary>How a write ends: known when its batch is flushed.</summary>
internal sealed class WriteOutcome
{
    /// <summary>The result; unavailable until it is known.</summary>
    public WriteResult Value { get; set; } = new(WriteStatus.Unavailable, 0, []);
}
