namespace KgOrleans.Lab.Fit;

/// <summary>What a reference writes to standard output.</summary>
/// <param name="MeanMs">Mean time of an epoch, milliseconds.</param>
/// <param name="Scores">Score n is that of user n and item n, each modulo their number.</param>
internal sealed record BenchFitReference(double MeanMs, IReadOnlyList<double> Scores);
