namespace KgOrleans.Ranking.Neighbours;

/// <summary>Reads the neighbours of an item (partial key) into a span of at least <see cref="NeighbourTable.MostNeighbours"/>; returns how many there are.</summary>
public delegate int ReadNeighbours(ulong item, Span<Neighbour> neighbours);
