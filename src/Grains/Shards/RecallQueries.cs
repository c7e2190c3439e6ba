using System.Runtime.InteropServices;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Grains.Shards;

/// <summary>From what travels to what a partition is asked.</summary>
internal static class RecallQueries
{
    private const long ScoreTimeStepMs = 60_000;

    /// <summary>What a partition is asked in round 1.</summary>
    public static RecallRequest RequestOf(RecallQuery query, RecallScene scene, CatalogueWorld world) => new()
    {
        Now = query.Now,
        ScoreTime = query.ScoreTime,
        OldestPublishedAt = scene.OldestPublishedAt(query.Now),
        World = world.KeyOf(query.WorldId),
        Scene = scene,
        Ranker = query.Ranker,
        // Vectors of another space would score nonsense: the model channel is then silent, and the header says which space is here.
        UserVector = query.SpaceId is null ? [] : MemoryMarshal.Cast<byte, float>(query.UserVector).ToArray(),
        RecallVector = query.SpaceId is null ? [] : MemoryMarshal.Cast<byte, float>(query.RecallVector).ToArray(),
        SpaceId = query.SpaceId,
        Interests = Array.ConvertAll(query.Interests, i => MemoryMarshal.Cast<byte, RecallInterest>(i).ToArray()),
        Region = query.Region,
        ExcludedItems = Key64.FromBytes(query.ExcludedItems).ToArray(),
        ExcludedCreators = Key64.FromBytes(query.ExcludedCreators).ToArray(),
        ExcludedTags = Key64.FromBytes(query.ExcludedTags).ToArray(),
        ExcludedSongs = Key64.FromBytes(query.ExcludedSongs).ToArray(),
        Filter = query.Filter.Length > 0 ? ItemFilter.Parse(query.Filter) : null,
        Quotas = query.Quotas,
        TimeoutsMs = query.TimeoutsMs,
        Pruning = query.PruneFor > 0 ? new RecallPruning(query.PruneFor, query.Merge, query.MinKeep) : null,
    };

    /// <summary>Exposure in a view that the caller holds.</summary>
    public static ExposureReply Answer(PartitionView view, ExposureQuery query, RecallScene scene, CatalogueWorld world)
    {
        var request = new RecallRequest
        {
            Now = query.Now,
            ScoreTime = query.Now - (query.Now % ScoreTimeStepMs),
            OldestPublishedAt = scene.OldestPublishedAt(query.Now),
            World = world.KeyOf(null),
            Scene = scene,
            Quotas = [],
        };
        var owed = scene.Discovery.ColdStart;
        if (query.ItemId is null)
            return ReplyOf(owed is null ? default : Exposure.SumOf(view, request, owed), 0);
        var row = view.Find(Key64.Of(query.ItemId));
        if (row < 0 || view.IdOf(row) != query.ItemId)
            return new ExposureReply(false, false, 0, 0, 0, 0, 0);
        return ReplyOf(owed is null ? default : Exposure.Of(view, request, owed, row), view.CountersOf(row).Impressions);
    }

    private static ExposureReply ReplyOf(ExposureSum sum, long impressions) => new(false, true, sum.Items, sum.OpenItems, sum.Owed, sum.Delivered, impressions);
}
