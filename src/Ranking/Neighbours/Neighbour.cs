namespace KgOrleans.Ranking.Neighbours;

/// <summary>An item that users have in common with another one.</summary>
/// <param name="Key">Its partial key.</param>
/// <param name="Weight">Summed weights of the users, in units of <see cref="Events.ItemPairs.Unit"/>.</param>
public readonly record struct Neighbour(ulong Key, float Weight);
