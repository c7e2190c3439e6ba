using KgOrleans.Grains.Interfaces;

namespace KgOrleans.Grains.Shards;

/// <summary>What waits for the single writer of a shard: writes of items, counted events, or a look at the shard between two batches.</summary>
internal sealed class ShardJob
{
    /// <summary>The writes, in order; null otherwise.</summary>
    public IReadOnlyList<ItemWrite>? Writes { get; init; }

    /// <summary>The counted events; null otherwise.</summary>
    public CounterDeltas? Deltas { get; init; }

    /// <summary>Looks at the shard when everything before is done and published; null for writes and events.</summary>
    public Action? Look { get; init; }

    /// <summary>Writes and batches of events that it stands for.</summary>
    public int Count => Writes?.Count ?? 1;

    /// <summary>How each write ended, filled in as they are planned.</summary>
    public List<WriteOutcome> Results { get; } = [];

    /// <summary>Completes with how each write ended, when readers see them.</summary>
    public TaskCompletionSource<WriteResult[]> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Answers with the results.</summary>
    public void Complete() => Done.SetResult([.. Results.Select(r => r.Value)]);

    /// <summary>Answers that no write was done.</summary>
    public void Refuse()
    {
        var refusal = WriteResult.Refused(WriteStatus.Unavailable, "$", "unavailable", "the shard cannot write now");
        Done.TrySetResult([.. (Writes ?? []).Select(_ => refusal)]);
    }
}
