using KgOrleans.Ranking.Items;
using static KgOrleans.Inference.Features.FeatureDefinition;

namespace KgOrleans.Inference.Features;

/// <summary>Features of an item's document. They change only with the document.</summary>
internal static class ItemFeatures
{
    public static IEnumerable<FeatureDefinition> All { get; } =
    [
        OfDense("item.content", FeatureScope.Item, Content, FeatureWidth.Content),
        OfDense("item.hasContent", FeatureScope.Item, (in FeatureSource s, Span<float> d) => d[0] = s.Row.HasContent),
        OfDense("item.quality", FeatureScope.Item, (in FeatureSource s, Span<float> d) => d[0] = OrZero(s.Row.Quality)),
        OfDense("item.qualityMissing", FeatureScope.Item, (in FeatureSource s, Span<float> d) => d[0] = Missing(s.Row.Quality)),
        OfDense("item.logDuration", FeatureScope.Item,
            (in FeatureSource s, Span<float> d) => d[0] = MathF.Log(1f + Math.Max(0f, OrZero(s.Row.DurationSeconds)))),
        OfDense("item.durationMissing", FeatureScope.Item, (in FeatureSource s, Span<float> d) => d[0] = Missing(s.Row.DurationSeconds)),
        OfKeys("item.tags", FeatureScope.Item, Vocabularies.Tag, Tags, FeatureWidth.List),
        OfKeys("item.id", FeatureScope.Item, Vocabularies.Item, (in FeatureSource s, Span<ulong> d) => d[0] = s.Row.Key),
        OfKeys("item.creator", FeatureScope.Item, Vocabularies.Creator, (in FeatureSource s, Span<ulong> d) => d[0] = s.Row.Creator),
        OfKeys("item.song", FeatureScope.Item, Vocabularies.Song, (in FeatureSource s, Span<ulong> d) => d[0] = s.Row.Song),
        OfKeys("item.kind", FeatureScope.Item, Vocabularies.Kind, (in FeatureSource s, Span<ulong> d) => d[0] = (ulong)s.Row.Kind + 1),
        OfKeys("item.region", FeatureScope.Item, Vocabularies.Region, (in FeatureSource s, Span<ulong> d) => d[0] = s.Row.Region),
        OfKeys("item.language", FeatureScope.Item, Vocabularies.Language, (in FeatureSource s, Span<ulong> d) => d[0] = s.Row.Language),
        OfKeys("item.tone", FeatureScope.Item, Vocabularies.Tone, (in FeatureSource s, Span<ulong> d) => d[0] = s.Row.Tone),
    ];

    private static void Content(in FeatureSource source, Span<float> destination)
    {
        if (source.Content.Length == destination.Length)
            source.Content.CopyTo(destination);
    }

    private static void Tags(in FeatureSource source, Span<ulong> destination)
    {
        for (var i = 0; i < ItemRow.TagCapacity && i < destination.Length; i++)
            destination[i] = source.Row.Tags[i];
    }

    private static float OrZero(float value) => float.IsNaN(value) ? 0 : value;

    private static float Missing(float value) => float.IsNaN(value) ? 1 : 0;
}
