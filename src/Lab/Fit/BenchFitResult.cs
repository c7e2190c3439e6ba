namespace KgOrleans.Lab.Fit;

/// <summary>What <c>bench fit</c> measured.</summary>
/// <param name="Likes">Pairs of user and item.</param>
/// <param name="MeanMs">Mean time of an epoch, milliseconds.</param>
/// <param name="BestMs">Shortest time of an epoch.</param>
/// <param name="ReferenceMs">Mean time of an epoch of the reference.</param>
/// <param name="LargestDifference">Largest difference between its scores and ours.</param>
/// <param name="WholeSeconds">Time of a whole fit: search of the settings, then the fit.</param>
internal sealed record BenchFitResult(int Likes, double MeanMs, double BestMs, double? ReferenceMs, double? LargestDifference, double? WholeSeconds = null);
