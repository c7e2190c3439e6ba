namespace KgOrleans.Ranking.Scenes;

/// <summary>
/// Bounds of a class's share of the positions that a scene serves. Each silo holds them over the newest 10,000 positions that it served in the scene.
/// </summary>
public sealed record TrafficShare
{
    /// <summary>Least share, 0..1, while there are candidates of the class.</summary>
    public double Least { get; init; }

    /// <summary>Largest share, 0..1, while there are other candidates.</summary>
    public double Most { get; init; } = 1;
}
