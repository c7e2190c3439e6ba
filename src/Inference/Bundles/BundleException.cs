namespace KgOrleans.Inference.Bundles;

/// <summary>A bundle or schema is refused. The exception names every difference, so that all can be mended at once.</summary>
public sealed class BundleException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="what">What was refused.</param>
    /// <param name="differences">Everything that is wrong; at least one.</param>
    public BundleException(string what, IReadOnlyList<string> differences)
        : base($"{what}:{string.Concat(differences.Select(d => $"\n  - {d}"))}") => Differences = differences;

    /// <summary>Everything that is wrong.</summary>
    public IReadOnlyList<string> Differences { get; }
}
