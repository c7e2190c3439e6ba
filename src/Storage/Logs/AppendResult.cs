namespace KgOrleans.Storage.Logs;

/// <summary>Where an append went.</summary>
/// <param name="Positions">The position of each record, in the order given.</param>
/// <param name="EndPosition">The position after the last of them.</param>
public readonly record struct AppendResult(long[] Positions, long EndPosition);
