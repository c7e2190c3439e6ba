using System.Runtime.InteropServices;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Inference;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Grains.Recommend;

/// <summary>What round 1 of a request asks: from the scene, the user and the context to a query, and how the answers are merged.</summary>
internal static class RecallPlan
{
    /// <summary>How the answers of the shards are merged.</summary>
    public static MergePlan MergeOf(FunnelRequest request, int shards)
    {
        var recall = request.Settings.Recall;
        var channels = new ChannelSettings[RecallChannels.Count];
        for (var channel = 0; channel < channels.Length; channel++)
            channels[channel] = recall.Of((RecallChannel)channel);
        var quotas = Array.ConvertAll(channels, c => c.Quota);
        // Of an unknown user the towers know nothing: their page is what is popular, and the answer says so.
        if (request.Model is null || request.LacksRecallVector || !request.User.Snapshot.IsKnown)
            quotas[(int)RecallChannel.Model] = 0;
        // Ranked by the very score that pre-ranking ranks by, no more items of the channel than pre-ranking keeps could go on: the others need not be picked.
        // All eligible items are scored either way.
        else if (RankerOf(request) == PreRanker.Towers && request.Model.RecallDimension == 0 && request.Settings.PreRank.Calibration.IsNone())
            quotas[(int)RecallChannel.Model] = Math.Min(quotas[(int)RecallChannel.Model], request.Settings.PreRank.Merge);
        if (request.Settings.Discovery.ColdStart is null)
            quotas[(int)RecallChannel.Fresh] = 0;
        return new MergePlan
        {
            Shards = shards,
            Quotas = quotas,
            Merge = request.Settings.PreRank.Merge,
            MinKeep = Array.ConvertAll(channels, c => c.MinKeep),
            Weights = Array.ConvertAll(channels, c => (float)c.Weight),
            Ranker = RankerOf(request),
        };
    }

    /// <summary>The query that all shards get, without the keys that only one of them needs.</summary>
    /// <param name="request">The request.</param>
    /// <param name="plan">How the answers are merged.</param>
    /// <param name="frequencies">How many items have the user's interests; null when that is not known.</param>
    public static RecallQuery QueryOf(FunnelRequest request, MergePlan plan, ItemFrequencies? frequencies)
    {
        var user = request.User.Snapshot;
        var (city, song) = (Key64.OfOptional(request.Context.City), Key64.OfOptional(request.Context.SongId));
        return new RecallQuery
        {
            Now = request.Now,
            ScoreTime = request.ScoreTime,
            WorldId = user.WorldId,
            Scene = request.Scene.RecallUtf8,
            SceneKey = request.SceneKey,
            Ranker = plan.Ranker,
            UserVector = UserVector(request),
            RecallVector = request.Model is null ? [] : request.User.RecallVector,
            SpaceId = request.Model?.SpaceId,
            Interests = InterestsOf(request, plan, song, frequencies),
            Region = city != 0 ? city : user.Region,
            ExcludedCreators = Key64.ToBytes(ExcludedCreators(request)),
            ExcludedTags = Key64.ToBytes([.. user.BlockedTags]),
            ExcludedSongs = Key64.ToBytes([.. user.BlockedSongs]),
            Filter = request.Command.Filter ?? [],
            Quotas = plan.Quotas,
            TimeoutsMs = Timeouts(request),
            PruneFor = plan.Pruning?.Shards ?? 0,
            Merge = plan.Pruning?.Merge ?? 0,
            MinKeep = plan.Pruning?.MinKeep ?? [],
        };
    }

    /// <summary>Keys of creators whose items must not come back: the user, blocked ones, and the followed ones where the scene leaves them out.</summary>
    public static ulong[] ExcludedCreators(FunnelRequest request) =>
        [.. request.User.Snapshot.Blocked, .. request.Settings.Discovery.ExcludeFollowed ? request.User.Snapshot.Follows : []];

    // The towers need a user vector; what stands in for them does not.
    private static PreRanker RankerOf(FunnelRequest request)
    {
        var settings = request.Settings.PreRank;
        if (settings.Ranker != PreRanker.Towers || request.Model is not null)
            return settings.Ranker;
        return settings.Fallback == PreRanker.Towers ? PreRanker.RecallScore : settings.Fallback;
    }

    /// <summary>A caller who gives the request more time than the scene does gives as much more to every channel.</summary>
    public static double Patience(RecommendCommand command, SceneDocument scene) => Math.Max(1.0, (command.TimeoutMs ?? 0) / (double)scene.DeadlineMs);

    private static int[] Timeouts(FunnelRequest request)
    {
        var patience = Patience(request.Command, request.Settings);
        var timeouts = new int[RecallChannels.Count];
        for (var channel = 0; channel < timeouts.Length; channel++)
            timeouts[channel] = (int)Math.Min(int.MaxValue, request.Settings.Recall.Of((RecallChannel)channel).TimeoutMs * patience);
        return timeouts;
    }

    private static byte[][] InterestsOf(FunnelRequest request, MergePlan plan, ulong song, ItemFrequencies? frequencies)
    {
        var interests = new byte[RecallChannels.Count][];
        var friendLikes = MemoryMarshal.Cast<byte, RecallInterest>(request.User.FriendLikes);
        for (var channel = 0; channel < interests.Length; channel++)
            interests[channel] = plan.Quotas[channel] > 0
                ? ShardRecall.Pack(ChannelInterests.Of((RecallChannel)channel, request.User.Snapshot, friendLikes, song, frequencies))
                : [];
        return interests;
    }

    /// <summary>What the similar channel of each shard looks for: the shard's own items.</summary>
    public static byte[][] SimilarOf(FunnelRequest request, MergePlan plan, int shards)
    {
        var lists = new List<RecallInterest>[shards];
        for (var shard = 0; shard < shards; shard++)
            lists[shard] = [];
        var isOn = plan.Quotas[(int)RecallChannel.Similar] > 0;
        foreach (var item in isOn ? MemoryMarshal.Cast<byte, SimilarItem>(request.User.Similar) : [])
            lists[PartialKey.Shard(item.Key, shards)].Add(new RecallInterest(item.Key, item.Weight, InterestField.Item));
        return Array.ConvertAll(lists, l => ShardRecall.Pack(l.ToArray()));
    }

    private static byte[] UserVector(FunnelRequest request)
    {
        if (request.Model is not { } model)
            return [];
        var vector = new float[model.EmbeddingDimension];
        ScenePreRank.Fuse(MemoryMarshal.Cast<byte, float>(request.User.Heads), model.HeadObjectives, request.Settings.PreRank.Weights, vector);
        return ShardRecall.Pack(vector);
    }
}
