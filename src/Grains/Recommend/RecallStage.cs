using System.Runtime.InteropServices;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Scoring;
using KgOrleans.Grains.Shards;
using KgOrleans.Inference;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Recommend;
using KgOrleans.Ranking.Users;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Recommend;

/// <summary>What round 1 brought.</summary>
/// <param name="Candidates">Merged, best first.</param>
/// <param name="Headers">What each shard answered from; null for one that did not.</param>
/// <param name="Counts">Eligibility over all shards that answered.</param>
internal sealed record RecallOutcome(List<MergedCandidate> Candidates, ReplyHeader?[] Headers, EligibilityCounts Counts)
{
    public bool AnyShard => Headers.Any(h => h is not null);
}

/// <summary>Round 1: asks every shard and merges what comes within the round's budget. A late or failed shard is left out and named; it costs its budget, never the page.</summary>
internal sealed class RecallStage(IShardClient shards, ScoringPool pool, ILogger logger)
{
    public async Task<RecallOutcome> RunAsync(FunnelRequest request, CancellationToken budget, CancellationToken deadline)
    {
        var quotas = Quotas(request);
        var user = request.User.Snapshot;
        var excluded = Excluded(request);
        var template = new RecallQuery
        {
            Now = request.Now,
            ScoreTime = request.ScoreTime,
            OldestPublishedAt = request.Now - (long)TimeSpan.FromDays(request.Settings.Discovery.AgeWindowDays).TotalMilliseconds,
            WorldId = user.WorldId,
            UserVector = UserVector(request),
            SpaceId = request.Model?.SpaceId,
            Interests = MemoryMarshal.AsBytes(Interests(user).AsSpan()).ToArray(),
            ExcludedCreators = ItemKey.ToBytes([.. user.Blocked]),
            Filter = Admitted(request),
            ModelQuota = quotas[(int)RecallChannel.Model],
            IndexQuota = quotas[(int)RecallChannel.Index],
            HotQuota = quotas[(int)RecallChannel.Hot],
        };
        var calls = new Task<RecallReply>[shards.ShardCount];
        for (var shard = 0; shard < calls.Length; shard++)
            calls[shard] = shards.Recall(shard, template with { ExcludedItems = ItemKey.ToBytes(CollectionsMarshal.AsSpan(excluded[shard])) }, budget).WaitAsync(budget);
        var replies = await ShardCalls.Gather("recall", Enumerable.Range(0, calls.Length).ToArray(), calls, request.Clock, logger);

        var headers = new ReplyHeader?[calls.Length];
        var answers = new List<ShardRecall>(calls.Length);
        var counts = new EligibilityCounts();
        var otherSpace = new List<int>();
        for (var shard = 0; shard < replies.Length; shard++)
        {
            if (replies[shard] is not { } reply)
                continue;
            headers[shard] = reply.Header;
            if (request.Model is not null && reply.Header.SpaceId != request.Model.SpaceId)
                otherSpace.Add(shard);
            answers.Add(new ShardRecall(shard, Cast<RecallCandidate>(reply.Candidates), Array.ConvertAll(reply.Channels, c => (ReadOnlyMemory<ChannelEntry>)Cast<ChannelEntry>(c))));
            Add(ref counts, MemoryMarshal.Read<EligibilityCounts>(reply.Counts));
        }
        if (otherSpace.Count > 0)
            request.Clock.Degrade("recall", "otherSpace", $"shards {string.Join(", ", otherSpace)} hold item vectors of another embedding space");
        var merged = await pool.Run(() => RecallMerge.Merge(answers, quotas), deadline);
        request.Clock.End("recall", (int)counts.Eligible, merged.Count);
        return new RecallOutcome(merged, headers, counts);
    }

    /// <summary>What the scene admits and the caller's filter as one filter.</summary>
    private static byte[] Admitted(FunnelRequest request) => (request.Scene.Admission, request.Command.Filter) switch
    {
        ({ Length: 0 }, var filter) => filter ?? [],
        (var admission, null) => admission,
        var (admission, filter) => [.. "{\"all\":["u8, .. admission, .. ","u8, .. filter, .. "]}"u8],
    };

    private static int[] Quotas(FunnelRequest request)
    {
        var recall = request.Settings.Recall;
        var quotas = new int[RecallMerge.ChannelCount];
        // Of an unknown user the towers know nothing: their page is what is popular, and the answer says so.
        quotas[(int)RecallChannel.Model] = request.Model is null || !request.User.Snapshot.IsKnown ? 0 : recall.Model.Quota;
        quotas[(int)RecallChannel.Index] = request.User.Snapshot.IsKnown ? recall.Index.Quota : 0;
        quotas[(int)RecallChannel.Hot] = recall.Hot.Quota;
        return quotas;
    }

    private static byte[] UserVector(FunnelRequest request)
    {
        if (request.Model is not { } model)
            return [];
        var vector = new float[model.EmbeddingDimension];
        ScenePreRank.Fuse(MemoryMarshal.Cast<byte, float>(request.User.Heads), model.Objectives, request.Settings.PreRank.Weights, vector);
        return MemoryMarshal.AsBytes(vector.AsSpan()).ToArray();
    }

    private static RecallInterest[] Interests(UserSnapshot user) =>
    [
        .. user.Tags.Select(t => new RecallInterest(t.Key, t.Weight, InterestField.Tag)),
        .. user.Songs.Select(t => new RecallInterest(t.Key, t.Weight, InterestField.Song)),
        .. user.Creators.Select(t => new RecallInterest(t.Key, t.Weight, InterestField.Creator)),
    ];

    /// <summary>Keys that must not come back, each list for the shard that owns them: seen, excluded by the caller, served on earlier pages.</summary>
    private List<ulong>[] Excluded(FunnelRequest request)
    {
        var lists = new List<ulong>[shards.ShardCount];
        for (var i = 0; i < lists.Length; i++)
            lists[i] = [];
        foreach (var key in ItemKey.FromBytes(request.User.SeenKeys))
            lists[ItemKey.Shard(key, lists.Length)].Add(key);
        foreach (var id in request.Command.Exclude)
            Add(ItemKey.Of(id));
        foreach (var key in request.Page?.Served ?? [])
            Add(key);
        return lists;

        void Add(ulong key) => lists[ItemKey.Shard(key, lists.Length)].Add(key);
    }

    private static T[] Cast<T>(byte[] bytes)
        where T : struct => MemoryMarshal.Cast<byte, T>(bytes).ToArray();

    private static void Add(ref EligibilityCounts sum, EligibilityCounts counts)
    {
        sum.Live += counts.Live;
        sum.Eligible += counts.Eligible;
        sum.OtherWorld += counts.OtherWorld;
        sum.Hidden += counts.Hidden;
        sum.Expired += counts.Expired;
        sum.Age += counts.Age;
        sum.Excluded += counts.Excluded;
        sum.Blocked += counts.Blocked;
        sum.Filtered += counts.Filtered;
    }
}
