namespace KgOrleans.Ranking.Scenes;

/// <summary>A work at a fixed position.</summary>
/// <param name="ItemId">The work.</param>
/// <param name="Position">Position on the first page, from 0.</param>
public sealed record Pin(string ItemId, int Position);
