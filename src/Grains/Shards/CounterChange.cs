namespace KgOrleans.Grains.Shards;

/// <summary>What an event does to the counters of its type.</summary>
public enum CounterChange : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It is counted.</summary>
    Add = 1,

    /// <summary>It was counted, and is taken back.</summary>
    TakeBack = 2,
}
