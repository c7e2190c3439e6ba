namespace KgOrleans.Storage.Events;

/// <summary>Where events went.</summary>
/// <param name="Partition">The user's partition.</param>
/// <param name="Positions">Position of each event in the order given; <see cref="Duplicate"/> for one that was durable already.</param>
public readonly record struct EventAppendResult(int Partition, long[] Positions)
{
    /// <summary>Stands in <see cref="Positions"/> for an event that had been appended before, or earlier in the same call.</summary>
    public const long Duplicate = -1;

    /// <summary>Whether the event at that index was durable already.</summary>
    public bool IsDuplicate(int index) => Positions[index] == Duplicate;
}
