using static KgOrleans.Inference.Features.FeatureDefinition;

namespace KgOrleans.Inference.Features;

/// <summary>Features of an item that change without a new document: age and counters.</summary>
internal static class DynamicFeatures
{
    // Rates include some assumed impressions at rates that are typical of feeds, so that one lucky play does not give a rate of 1.
    private const float PriorImpressions = 20;
    private const float PriorPlayRate = 0.3f;
    private const float PriorLikeRate = 0.05f;

    public static IEnumerable<FeatureDefinition> All { get; } =
    [
        OfDense("dynamic.ageDecay1d", FeatureScope.Dynamic, (in FeatureSource s, Span<float> d) => d[0] = AgeDecay(s, 1)),
        OfDense("dynamic.ageDecay7d", FeatureScope.Dynamic, (in FeatureSource s, Span<float> d) => d[0] = AgeDecay(s, 7)),
        OfDense("dynamic.ageDecay30d", FeatureScope.Dynamic, (in FeatureSource s, Span<float> d) => d[0] = AgeDecay(s, 30)),
        OfDense("dynamic.ageless", FeatureScope.Dynamic, (in FeatureSource s, Span<float> d) => d[0] = s.Row.PublishedAt == long.MinValue ? 1 : 0),
        OfDense("dynamic.logImpressions", FeatureScope.Dynamic, (in FeatureSource s, Span<float> d) => d[0] = Log(s.Row.Impressions)),
        OfDense("dynamic.logPlays", FeatureScope.Dynamic, (in FeatureSource s, Span<float> d) => d[0] = Log(s.Row.Plays)),
        OfDense("dynamic.logLikes", FeatureScope.Dynamic, (in FeatureSource s, Span<float> d) => d[0] = Log(s.Row.Likes)),
        OfDense("dynamic.logHot", FeatureScope.Dynamic, (in FeatureSource s, Span<float> d) => d[0] = Log(s.Row.Hot)),
        OfDense("dynamic.playRate", FeatureScope.Dynamic, (in FeatureSource s, Span<float> d) => d[0] = Rate(s.Row.Plays, s.Row.Impressions, PriorPlayRate)),
        OfDense("dynamic.likeRate", FeatureScope.Dynamic, (in FeatureSource s, Span<float> d) => d[0] = Rate(s.Row.Likes, s.Row.Impressions, PriorLikeRate)),
    ];

    private static float AgeDecay(in FeatureSource source, float days)
    {
        if (source.Row.PublishedAt == long.MinValue)
            return 0;
        var age = Math.Max(0, source.Now - source.Row.PublishedAt) / (days * 86_400_000f);
        return MathF.Exp(-age);
    }

    private static float Log(float count) => MathF.Log(1f + Math.Max(0f, count));

    private static float Rate(float count, float impressions, float prior) =>
        (Math.Max(0f, count) + (prior * PriorImpressions)) / (Math.Max(0f, impressions) + PriorImpressions);
}
