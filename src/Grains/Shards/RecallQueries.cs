using System.Collections.Concurrent;
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
    // Versions of scenes come and go; each is read once.
    private const int KeptAdmissions = 256;
    private static readonly ConcurrentDictionary<ulong, SceneAdmission> Admissions = new();

    /// <summary>What a partition is asked in round 1.</summary>
    public static RecallRequest RequestOf(RecallQuery query, CatalogueWorld world) => new()
    {
        Now = query.Now,
        ScoreTime = query.ScoreTime,
        OldestPublishedAt = query.OldestPublishedAt,
        World = world.KeyOf(query.WorldId),
        // Vectors of another space would score nonsense: the model channel is then silent, and the header says which space is here.
        UserVector = query.SpaceId is null ? [] : MemoryMarshal.Cast<byte, float>(query.UserVector).ToArray(),
        RecallVector = query.SpaceId is null ? [] : MemoryMarshal.Cast<byte, float>(query.RecallVector).ToArray(),
        SpaceId = query.SpaceId,
        Interests = MemoryMarshal.Cast<byte, RecallInterest>(query.Interests).ToArray(),
        Social = MemoryMarshal.Cast<byte, RecallInterest>(query.Social).ToArray(),
        Continue = MemoryMarshal.Cast<byte, RecallInterest>(query.Continue).ToArray(),
        Region = query.Region,
        ColdStart = query.ColdStart is { } owed ? SettingsOf(owed) : null,
        ExcludedItems = Key64.FromBytes(query.ExcludedItems).ToArray(),
        ExcludedCreators = Key64.FromBytes(query.ExcludedCreators).ToArray(),
        Admission = AdmissionOf(query.Admission),
        Filter = query.Filter.Length > 0 ? ItemFilter.Parse(query.Filter) : null,
        Quotas = query.Quotas,
        TimeoutsMs = query.TimeoutsMs,
        PreRank = PlanOf(query.PreRank),
        Pruning = query.PruneFor > 0 ? new RecallPruning(query.PruneFor, query.Merge, query.MinKeep) : null,
    };

    /// <summary>Exposure in a view that the caller holds.</summary>
    public static ExposureReply Answer(PartitionView view, ExposureQuery query, CatalogueWorld world)
    {
        var request = new RecallRequest
        {
            Now = query.Now,
            ScoreTime = query.Now - (query.Now % 60_000),
            OldestPublishedAt = query.OldestPublishedAt,
            World = world.KeyOf(null),
            Admission = AdmissionOf(query.Admission),
            Quotas = [],
        };
        if (query.ItemId is null)
        {
            var sum = Exposure.SumOf(view, request, SettingsOf(query.ColdStart));
            return new ExposureReply(false, true, sum.Items, sum.OpenItems, sum.Owed, sum.Delivered, 0);
        }
        var row = view.Find(Key64.Of(query.ItemId));
        if (row < 0 || view.IdOf(row) != query.ItemId)
            return new ExposureReply(false, false, 0, 0, 0, 0, 0);
        var one = Exposure.Of(view, request, SettingsOf(query.ColdStart), row);
        return new ExposureReply(false, true, one.Items, one.OpenItems, one.Owed, one.Delivered, view.CountersOf(row).Impressions);
    }

    private static ColdStartSettings SettingsOf(ColdStartQuery query) => new() { Impressions = query.Impressions, Days = query.Days, MinQuality = query.MinQuality };

    private static SceneAdmission? AdmissionOf(byte[] json)
    {
        if (json.Length == 0)
            return null;
        if (Admissions.Count > KeptAdmissions)
            Admissions.Clear();
        return Admissions.GetOrAdd(SceneAdmission.HashOf(json), static (_, utf8) => SceneAdmission.Parse(utf8), json);
    }

    private static PreRankPlan PlanOf(PreRankQuery query) => new((PreRanker)query.Ranker)
    {
        Freshness = query.Freshness,
        FreshnessHalfLifeMs = query.FreshnessHalfLifeMs,
        Quality = query.Quality,
        Tones = Weighted(query.Tones, query.ToneWeights),
        Creators = Weighted(query.Creators, query.CreatorWeights),
    };

    private static (ulong Key, float Weight)[] Weighted(byte[] keys, float[] weights)
    {
        if (weights.Length == 0)
            return [];
        var of = Key64.FromBytes(keys);
        var weighted = new (ulong, float)[weights.Length];
        for (var i = 0; i < weighted.Length; i++)
            weighted[i] = (of[i], weights[i]);
        return weighted;
    }
}
