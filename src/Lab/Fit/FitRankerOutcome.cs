using KgOrleans.Inference.Bundles;

namespace KgOrleans.Lab.Fit;

/// <summary>What came of the attempt to fit a fine ranker.</summary>
/// <param name="Ranker">The ranker; null when the bundle gets none.</param>
/// <param name="Reason">Why there is none; null when there is one.</param>
/// <param name="Score">How it orders the newest requests; null when it was not fitted.</param>
/// <param name="LeftOut">Objectives with too few positives to learn from.</param>
internal sealed record FitRankerOutcome(FitRanker? Ranker, string? Reason, FitRankerScore? Score, IReadOnlyList<string> LeftOut)
{
    /// <summary>No attempt was made.</summary>
    public static FitRankerOutcome None(string reason) => new(null, reason, null, []);

    /// <summary>The description of a bundle with what the ranker adds to it.</summary>
    public BundleManifest AddTo(BundleManifest description)
    {
        if (Score is { } score)
            description = description with
            {
                Metrics = new Dictionary<string, double>(description.Metrics) { ["rankerGauc"] = score.Ranker, ["factorsGauc"] = score.Factors },
            };
        return Ranker is { } ranker
            ? description with { Objectives = ranker.Objectives, Schema = ranker.Schema, ContentDimension = ranker.Schema.ContentDimension }
            : description;
    }
}
