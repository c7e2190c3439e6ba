namespace KgOrleans.Ranking.Scenes;

/// <summary>An item at a fixed position.</summary>
/// <param name="ItemId">The item.</param>
/// <param name="Position">Position on the first page, from 0.</param>
public sealed record Pin(string ItemId, int Position);
