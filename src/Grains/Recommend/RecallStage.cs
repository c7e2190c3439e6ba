using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Scoring;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Recommend;

/// <summary>What round 1 brought.</summary>
/// <param name="Candidates">The winners of pre-ranking, best first.</param>
/// <param name="Headers">What each shard answered from; null for one that did not.</param>
/// <param name="Counts">Eligibility over all shards that answered.</param>
/// <param name="Found">Distinct items that the channels found.</param>
/// <param name="PerChannel">Items that each channel found.</param>
internal sealed record RecallOutcome(List<MergedCandidate> Candidates, ReplyHeader?[] Headers, EligibilityCounts Counts, int Found, int[] PerChannel)
{
    public bool AnyShard => Headers.Any(h => h is not null);
}

/// <summary>
/// Round 1: asks every shard and merges the replies that come in time. A late or failed shard is left out and named; the page comes all the same.
/// </summary>
internal sealed partial class RecallStage(IShardClient shards, ScoringPool pool, TimeProvider time, ILogger logger)
{
    // Of a request's time, for counts that are not known yet: half of what round 1 has.
    private const double CountUntil = 0.25;

    private readonly ConcurrentBag<RecallMerge> _merges = [];
    private readonly FrequencyTable _frequencies = new(shards, time);
    private readonly int[] _numbers = [.. Enumerable.Range(0, shards.ShardCount)];

    public async Task<RecallOutcome> RunAsync(FunnelRequest request, CancellationToken budget, CancellationToken deadline)
    {
        var plan = RecallPlan.MergeOf(request, shards.ShardCount);
        var frequencies = plan.Quotas[(int)RecallChannel.Index] > 0 && request.User.Snapshot.IsKnown
            ? await _frequencies.OfAsync(request.User.Snapshot, TimeSpan.FromMilliseconds((request.TotalMs * CountUntil) - request.Clock.TookMs))
            : null;
        var query = RecallPlan.QueryOf(request, plan, frequencies);
        var excluded = Excluded(request);
        if (request.User.FriendsLate > 0)
            request.Clock.Degrade(Degradations.FriendsTimeout, $"what {request.User.FriendsLate} of the user's friends liked did not arrive in time");
        if (request.User.SimilarLate)
            request.Clock.Degrade(Degradations.SimilarTimeout, "which items go with what the user likes did not arrive in time");
        var similar = RecallPlan.SimilarOf(request, plan, shards.ShardCount);
        var replies = await AskAsync(request, query, excluded, similar, budget);
        var merged = await MergeAsync(request.SceneKey, replies, plan, deadline);
        if (merged is null)
        {
            // A shard left out candidates that could win: items are spread less evenly than its bound assumes. Whole quotas need no bound.
            LogAskedAgain(logger, request.Command.RequestId);
            replies = await AskAsync(request, query with { PruneFor = 0 }, excluded, similar, budget);
            merged = (await MergeAsync(request.SceneKey, replies, plan, deadline))!;
        }
        var counts = new EligibilityCounts();
        foreach (var reply in replies)
        {
            if (reply is not null)
                Add(ref counts, MemoryMarshal.Read<EligibilityCounts>(reply.Counts));
        }
        DegradeOtherSpaces(request, replies);
        DegradeLateChannels(request, replies);
        request.Clock.End("recall", (int)counts.Eligible, merged.Found);
        return new RecallOutcome(merged.Winners, Array.ConvertAll(replies, r => r?.Header), counts, merged.Found, merged.PerChannel);
    }

    private Task<RecallReply?[]> AskAsync(
        FunnelRequest request, RecallQuery query, List<ulong>[] excluded, byte[][] similar, CancellationToken budget)
    {
        var calls = new Task<RecallReply>[shards.ShardCount];
        for (var shard = 0; shard < calls.Length; shard++)
        {
            var interests = (byte[][])query.Interests.Clone();
            interests[(int)RecallChannel.Similar] = similar[shard];
            var own = query with { ExcludedItems = Key64.ToBytes(CollectionsMarshal.AsSpan(excluded[shard])), Interests = interests };
            calls[shard] = shards.Recall(shard, own, budget).WaitAsync(budget);
        }
        return ShardCalls.Gather(Degradations.RecallShards, _numbers, calls, request.Clock, logger);
    }

    private async Task<MergedRecall?> MergeAsync(ulong scene, RecallReply?[] replies, MergePlan plan, CancellationToken deadline)
    {
        var answers = new List<ShardRecall>(replies.Length);
        for (var shard = 0; shard < replies.Length; shard++)
        {
            if (replies[shard] is { } reply)
                answers.Add(new ShardRecall(shard, reply.Candidates, reply.Keys, reply.Channels, reply.Zones, reply.Summary));
        }
        return await pool.Run(
            scene,
            () =>
            {
                var merge = _merges.TryTake(out var pooled) ? pooled : new RecallMerge();
                var merged = merge.Run(answers, plan);
                _merges.Add(merge);
                return merged;
            },
            deadline);
    }

    private static void DegradeOtherSpaces(FunnelRequest request, RecallReply?[] replies)
    {
        var others = new List<int>();
        for (var shard = 0; shard < replies.Length; shard++)
        {
            if (request.Model is not null && replies[shard] is { } reply && reply.Header.SpaceId != request.Model.SpaceId)
                others.Add(shard);
        }
        if (others.Count > 0)
            request.Clock.Degrade(Degradations.OtherSpace, $"shards {string.Join(", ", others)} hold item vectors of another embedding space");
    }

    private static void DegradeLateChannels(FunnelRequest request, RecallReply?[] replies)
    {
        for (var channel = 0; channel < RecallChannels.Count; channel++)
        {
            var late = new List<int>();
            for (var shard = 0; shard < replies.Length; shard++)
            {
                if (replies[shard] is { } reply && MemoryMarshal.Cast<byte, ChannelZone>(reply.Zones)[channel].IsLate != 0)
                    late.Add(shard);
            }
            if (late.Count > 0)
                request.Clock.Degrade(Degradations.ChannelTimeout, $"{RecallChannels.NameOf(channel)} on shards {string.Join(", ", late)}");
        }
    }

    /// <summary>Keys that must not be recalled, by the shard that owns them: seen, excluded by the caller, served on earlier pages.</summary>
    private List<ulong>[] Excluded(FunnelRequest request)
    {
        var lists = new List<ulong>[shards.ShardCount];
        for (var i = 0; i < lists.Length; i++)
            lists[i] = [];
        foreach (var key in Key64.FromBytes(request.User.SeenKeys))
            lists[Key64.Shard(key, lists.Length)].Add(key);
        foreach (var key in request.Excluded)
            Add(key);
        foreach (var key in request.Page?.Served ?? [])
            Add(key);
        return lists;

        void Add(ulong key) => lists[Key64.Shard(key, lists.Length)].Add(key);
    }

    private static void Add(ref EligibilityCounts sum, EligibilityCounts counts)
    {
        sum.Live += counts.Live;
        sum.Eligible += counts.Eligible;
        sum.OtherWorld += counts.OtherWorld;
        sum.Hidden += counts.Hidden;
        sum.Expired += counts.Expired;
        sum.Age += counts.Age;
        sum.Admission += counts.Admission;
        sum.Excluded += counts.Excluded;
        sum.Blocked += counts.Blocked;
        sum.Filtered += counts.Filtered;
    }

    [LoggerMessage(Level = LogLevel.Information,
        Message = "Request {RequestId}: pruned replies of the shards could miss a winner; asked again for whole quotas")]
    private static partial void LogAskedAgain(ILogger logger, string requestId);
}
