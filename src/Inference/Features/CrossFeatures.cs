using KgOrleans.Ranking.Items;
using static KgOrleans.Inference.Features.FeatureDefinition;

namespace KgOrleans.Inference.Features;

/// <summary>Features of user and item together. There are too many pairs to store them, so only the ranker has them.</summary>
internal static class CrossFeatures
{
    public static IEnumerable<FeatureDefinition> All { get; } =
    [
        OfDense("cross.tagWeight", FeatureScope.Cross, TagWeight),
        OfDense("cross.tagMatches", FeatureScope.Cross, TagMatches),
        OfDense("cross.creatorWeight", FeatureScope.Cross,
            (in FeatureSource s, Span<float> d) => d[0] = Log(Weight(s.User.CreatorKeys, s.User.CreatorWeights, s.Row.Creator))),
        OfDense("cross.songWeight", FeatureScope.Cross,
            (in FeatureSource s, Span<float> d) => d[0] = Log(Weight(s.User.SongKeys, s.User.SongWeights, s.Row.Song))),
        OfDense("cross.recentCreator", FeatureScope.Cross, (in FeatureSource s, Span<float> d) => d[0] = Log(Count(s.User.RecentCreators, s.Row.Creator))),
        OfDense("cross.recentSong", FeatureScope.Cross, (in FeatureSource s, Span<float> d) => d[0] = Log(Count(s.User.RecentSongs, s.Row.Song))),
        OfDense("cross.followed", FeatureScope.Cross,
            (in FeatureSource s, Span<float> d) => d[0] = s.Row.Creator != 0 && s.User.Follows.Contains(s.Row.Creator) ? 1 : 0),
        OfDense("cross.sameRegion", FeatureScope.Cross,
            (in FeatureSource s, Span<float> d) => d[0] = s.Row.Region != 0 && s.Row.Region == s.User.Snapshot.Region ? 1 : 0),
        OfDense("cross.sameLanguage", FeatureScope.Cross,
            (in FeatureSource s, Span<float> d) => d[0] = s.Row.Language != 0 && s.Row.Language == s.User.Snapshot.Language ? 1 : 0),
        OfDense("cross.contentLong", FeatureScope.Cross, (in FeatureSource s, Span<float> d) => d[0] = Dot(s.User.Snapshot.ContentLong, s.Content)),
        OfDense("cross.contentShort", FeatureScope.Cross, (in FeatureSource s, Span<float> d) => d[0] = Dot(s.User.Snapshot.ContentShort, s.Content)),
        OfFactors("cross.factors", FeatureScope.Cross, (in FeatureSource s, Span<float> d) => d[0] = s.FactorScore),
    ];

    private static void TagWeight(in FeatureSource source, Span<float> destination)
    {
        var sum = 0f;
        for (var i = 0; i < ItemRow.TagCapacity; i++)
            sum += Weight(source.User.TagKeys, source.User.TagWeights, source.Row.Tags[i]);
        destination[0] = Log(sum);
    }

    private static void TagMatches(in FeatureSource source, Span<float> destination)
    {
        var count = 0;
        for (var i = 0; i < ItemRow.TagCapacity; i++)
            count += source.Row.Tags[i] != 0 && source.User.TagKeys.Contains(source.Row.Tags[i]) ? 1 : 0;
        destination[0] = Log(count);
    }

    private static float Weight(ReadOnlySpan<ulong> keys, ReadOnlySpan<float> weights, ulong key)
    {
        var i = key == 0 ? -1 : keys.IndexOf(key);
        return i < 0 ? 0 : weights[i];
    }

    private static float Count(ReadOnlySpan<ulong> keys, ulong key) => key == 0 ? 0 : keys.Count(key);

    private static float Log(float weight) => MathF.Log(1f + Math.Max(0f, weight));

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        if (a.Length != b.Length)
            return 0;
        // A plain loop in order: there are few products, and every machine computes the same bits.
        var sum = 0f;
        for (var i = 0; i < a.Length; i++)
            sum += a[i] * b[i];
        return sum;
    }
}
