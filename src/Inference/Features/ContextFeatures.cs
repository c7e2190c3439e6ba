using static KgOrleans.Inference.Features.FeatureDefinition;

namespace KgOrleans.Inference.Features;

/// <summary>Features of the request's time.</summary>
internal static class ContextFeatures
{
    private const long DayMs = 86_400_000;

    public static IEnumerable<FeatureDefinition> All { get; } =
    [
        OfDense("context.hourSin", FeatureScope.Context, (in FeatureSource s, Span<float> d) => d[0] = MathF.Sin(DayAngle(s.Now))),
        OfDense("context.hourCos", FeatureScope.Context, (in FeatureSource s, Span<float> d) => d[0] = MathF.Cos(DayAngle(s.Now))),
        OfDense("context.weekend", FeatureScope.Context, (in FeatureSource s, Span<float> d) => d[0] = IsWeekend(s.Now) ? 1 : 0),
    ];

    // Times of day are UTC: a document carries no time zone.
    private static float DayAngle(long now) => MathF.Tau * (((now % DayMs) + DayMs) % DayMs) / DayMs;

    private static bool IsWeekend(long now) => DateTimeOffset.FromUnixTimeMilliseconds(now).DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
}
