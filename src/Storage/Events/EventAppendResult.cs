namespace KgOrleans.Storage.Events;

/// <summary>Where events went, or had gone before.</summary>
/// <param name="Partition">The user's partition.</param>
/// <param name="Positions">Position of each event in the order given; of a duplicate, where it was appended the first time. Positions of one user's events grow
/// in the order of their first appends.</param>
/// <param name="Duplicates">Whether each event had been appended before, or earlier in the same call.</param>
public readonly record struct EventAppendResult(int Partition, long[] Positions, bool[] Duplicates)
{
    /// <summary>Whether the event at that index was durable already.</summary>
    public bool IsDuplicate(int index) => Duplicates[index];
}
