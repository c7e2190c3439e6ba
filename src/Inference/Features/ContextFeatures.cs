using KgOrleans.Ranking.Keys;
using static KgOrleans.Inference.Features.FeatureDefinition;

namespace KgOrleans.Inference.Features;

/// <summary>Features of the request: its time and its context.</summary>
internal static class ContextFeatures
{
    private const long DayMs = 86_400_000;
    private const int DayHours = 24;

    public static IEnumerable<FeatureDefinition> All { get; } =
    [
        OfDense("context.hourSin", FeatureScope.Context, (in FeatureSource s, Span<float> d) => d[0] = MathF.Sin(DayAngle(s.Request))),
        OfDense("context.hourCos", FeatureScope.Context, (in FeatureSource s, Span<float> d) => d[0] = MathF.Cos(DayAngle(s.Request))),
        OfDense("context.weekend", FeatureScope.Context, (in FeatureSource s, Span<float> d) => d[0] = IsWeekend(s.Now) ? 1 : 0),
        OfKeys("context.device", FeatureScope.Context, Vocabularies.Device, Device),
    ];

    private static void Device(in FeatureSource source, Span<ulong> destination) => destination[0] = Key64.OfOptional(source.Request.Caller?.Device);

    // Without the caller's hour the time of day is UTC: a document carries no time zone.
    private static float DayAngle(in RequestContext request) => request.Caller?.Hour is { } hour
        ? MathF.Tau * hour / DayHours
        : MathF.Tau * (((request.Now % DayMs) + DayMs) % DayMs) / DayMs;

    private static bool IsWeekend(long now) => DateTimeOffset.FromUnixTimeMilliseconds(now).DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;
}
