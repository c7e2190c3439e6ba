namespace KgOrleans.Lab.Evaluate;

/// <summary>How positives are set aside.</summary>
internal enum HistorySplit
{
    /// <summary>A random share of each user's items.</summary>
    Random,

    /// <summary>The newest share of each user's items.</summary>
    Last,

    /// <summary>What happened in the newest share of all events.</summary>
    Time,
}
