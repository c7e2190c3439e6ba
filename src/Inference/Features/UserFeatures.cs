using static KgOrleans.Inference.Features.FeatureDefinition;

namespace KgOrleans.Inference.Features;

/// <summary>Features of the user alone.</summary>
internal static class UserFeatures
{
    public static IEnumerable<FeatureDefinition> All { get; } =
    [
        OfDense("user.isKnown", FeatureScope.User, (in FeatureSource s, Span<float> d) => d[0] = s.User.Snapshot.IsKnown ? 1 : 0),
        OfDense("user.hasContent", FeatureScope.User, (in FeatureSource s, Span<float> d) => d[0] = s.User.Snapshot.ContentLong.Length > 0 ? 1 : 0),
        OfDense("user.contentLong", FeatureScope.User, (in FeatureSource s, Span<float> d) => CopyIfSame(s.User.Snapshot.ContentLong, d), FeatureWidth.Content),
        OfDense("user.contentShort", FeatureScope.User,
            (in FeatureSource s, Span<float> d) => CopyIfSame(s.User.Snapshot.ContentShort, d), FeatureWidth.Content),
        OfDense("user.logCounts", FeatureScope.User, LogCounts, FeatureWidth.EventTypes),
        OfDense("user.logFollows", FeatureScope.User, (in FeatureSource s, Span<float> d) => d[0] = MathF.Log(1f + s.User.Follows.Length)),
        OfKeys("user.region", FeatureScope.User, Vocabularies.Region, (in FeatureSource s, Span<ulong> d) => d[0] = s.User.Snapshot.Region),
        OfKeys("user.language", FeatureScope.User, Vocabularies.Language, (in FeatureSource s, Span<ulong> d) => d[0] = s.User.Snapshot.Language),
        OfKeys("user.tags", FeatureScope.User, Vocabularies.Tag, (in FeatureSource s, Span<ulong> d) => Cut(s.User.TagKeys, d), FeatureWidth.List),
        OfDense("user.tagWeights", FeatureScope.User, (in FeatureSource s, Span<float> d) => LogWeights(s.User.TagWeights, d), FeatureWidth.List),
        OfKeys("user.creators", FeatureScope.User, Vocabularies.Creator, (in FeatureSource s, Span<ulong> d) => Cut(s.User.CreatorKeys, d), FeatureWidth.List),
        OfDense("user.creatorWeights", FeatureScope.User, (in FeatureSource s, Span<float> d) => LogWeights(s.User.CreatorWeights, d), FeatureWidth.List),
        OfKeys("user.songs", FeatureScope.User, Vocabularies.Song, (in FeatureSource s, Span<ulong> d) => Cut(s.User.SongKeys, d), FeatureWidth.List),
        OfDense("user.songWeights", FeatureScope.User, (in FeatureSource s, Span<float> d) => LogWeights(s.User.SongWeights, d), FeatureWidth.List),
        OfKeys("user.recentCreators", FeatureScope.User, Vocabularies.Creator,
            (in FeatureSource s, Span<ulong> d) => Cut(s.User.RecentCreators, d), FeatureWidth.List),
        OfKeys("user.recentSongs", FeatureScope.User, Vocabularies.Song, (in FeatureSource s, Span<ulong> d) => Cut(s.User.RecentSongs, d), FeatureWidth.List),
        OfKeys("user.follows", FeatureScope.User, Vocabularies.Creator, (in FeatureSource s, Span<ulong> d) => Cut(s.User.Follows, d), FeatureWidth.List),
        OfKeys("user.communities", FeatureScope.User, Vocabularies.Community,
            (in FeatureSource s, Span<ulong> d) => Cut(s.User.Communities, d), FeatureWidth.List),
    ];

    private static void LogCounts(in FeatureSource source, Span<float> destination)
    {
        var counts = source.User.Snapshot.Counts;
        for (var i = 0; i < destination.Length && i < counts.Count; i++)
            destination[i] = MathF.Log(1f + Math.Max(0, counts[i]));
    }

    private static void LogWeights(ReadOnlySpan<float> weights, Span<float> destination)
    {
        for (var i = 0; i < destination.Length && i < weights.Length; i++)
            destination[i] = MathF.Log(1f + Math.Max(0f, weights[i]));
    }

    private static void Cut(ReadOnlySpan<ulong> keys, Span<ulong> destination) => keys[..Math.Min(keys.Length, destination.Length)].CopyTo(destination);

    // A mean of another dimension was learnt from other vectors and means nothing here.
    private static void CopyIfSame(float[] mean, Span<float> destination)
    {
        if (mean.Length == destination.Length)
            mean.CopyTo(destination);
    }
}
