using System.Runtime.InteropServices;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Recommend;

/// <summary>Candidates with their columns: row i of the block belongs to candidate i.</summary>
internal sealed record HydratedCandidates(List<MergedCandidate> Candidates, ItemBlock Block)
{
    /// <summary>The first of them.</summary>
    public HydratedCandidates First(int count)
    {
        var block = new ItemBlock(count, Block.ContentDimension, Block.EmbeddingDimension);
        for (var i = 0; i < count; i++)
            block.CopyRow(i, Block, i);
        return new HydratedCandidates(Candidates.GetRange(0, count), block);
    }
}

/// <summary>Round 2: columns and vectors of the merged winners, from the views that round 1 saw.</summary>
internal sealed class HydrateStage(IShardClient shards, ILogger logger)
{
    /// <summary>
    /// Fetches the candidates' columns. Drops candidates of shards that do not answer, and those beyond the scene's creator cap. Order is kept.
    /// </summary>
    public async Task<HydratedCandidates> RunAsync(FunnelRequest request, RecallOutcome recall, List<MergedCandidate> candidates, CancellationToken budget)
    {
        var byShard = Split(candidates, c => c.Shard);
        var replies = await AskAsync(
            request,
            byShard,
            shard => recall.Headers[shard]!.ViewEpoch,
            c => ShardRecall.Pack(c.ConvertAll(x => x.Row).ToArray()),
            c => Key64.ToBytes(c.ConvertAll(x => x.Key).ToArray()),
            budget);
        var found = RowsOf(replies, candidates.Count);
        var (kept, capped) = Keep(candidates, found, request.Settings.Discovery.CreatorCap);
        request.Clock.End("hydrate", candidates.Count, kept.Count, capped > 0 ? new Dictionary<string, int> { ["creatorCap"] = capped } : null);
        return new HydratedCandidates(kept, Copy(kept.ConvertAll(c => c.Key), found));
    }

    /// <summary>Columns of items by key, in the order asked, without items that no longer exist. For what earlier pages served last.</summary>
    public async Task<ItemBlock> ByKeysAsync(FunnelRequest request, IReadOnlyList<ulong> keys, CancellationToken budget)
    {
        var byShard = Split(keys, k => Key64.Shard(k, shards.ShardCount));
        var replies = await AskAsync(request, byShard, _ => -1, _ => [], k => Key64.ToBytes(k.ToArray()), budget);
        var found = RowsOf(replies, keys.Count);
        return Copy([.. keys.Where(found.ContainsKey)], found);
    }

    private List<T>?[] Split<T>(IReadOnlyList<T> all, Func<T, int> shardOf)
    {
        var byShard = new List<T>?[shards.ShardCount];
        foreach (var one in all)
            (byShard[shardOf(one)] ??= []).Add(one);
        return byShard;
    }

    private Task<HydrateReply?[]> AskAsync<T>(
        FunnelRequest request, List<T>?[] byShard, Func<int, long> epochOf, Func<List<T>, byte[]> rowsOf, Func<List<T>, byte[]> keysOf,
        CancellationToken budget)
    {
        var (numbers, calls) = (new List<int>(), new List<Task<HydrateReply>>());
        for (var shard = 0; shard < byShard.Length; shard++)
        {
            if (byShard[shard] is not { } wanted)
                continue;
            numbers.Add(shard);
            var query = new HydrateQuery(epochOf(shard), rowsOf(wanted), keysOf(wanted), request.ScoreTime)
            {
                SceneKey = request.SceneKey,
                WithAttributes = request.Scene.ReadsAttributes,
            };
            calls.Add(shards.Hydrate(shard, query, budget).WaitAsync(budget));
        }
        return ShardCalls.Gather(Degradations.HydrateShards, numbers, calls, request.Clock, logger);
    }

    private static Dictionary<ulong, (ItemBlock Block, int Row)> RowsOf(HydrateReply?[] replies, int count)
    {
        var found = new Dictionary<ulong, (ItemBlock, int)>(count);
        foreach (var reply in replies)
        {
            if (reply is null)
                continue;
            var block = new ItemBlock(reply.Count, reply.ContentDimension, 0, reply.Rows, reply.Content, [], reply.Ids)
            {
                Attributes = ItemAttributes.Unpack(reply.Attributes, reply.Count),
            };
            for (var row = 0; row < block.Count; row++)
                found[block.Rows[row].Key] = (block, row);
        }
        return found;
    }

    // Candidates come best first, so the best items of a creator are kept.
    private static (List<MergedCandidate> Kept, int Capped) Keep(
        List<MergedCandidate> candidates, Dictionary<ulong, (ItemBlock Block, int Row)> found, int creatorCap)
    {
        var (kept, capped) = (new List<MergedCandidate>(candidates.Count), 0);
        var perCreator = new Dictionary<ulong, int>();
        foreach (var candidate in candidates)
        {
            if (!found.TryGetValue(candidate.Key, out var at))
                continue;
            if (creatorCap > 0)
            {
                ref var count = ref CollectionsMarshal.GetValueRefOrAddDefault(perCreator, at.Block.Rows[at.Row].Creator, out _);
                if (count == creatorCap)
                {
                    capped++;
                    continue;
                }
                count++;
            }
            kept.Add(candidate);
        }
        return (kept, capped);
    }

    private static ItemBlock Copy(List<ulong> keys, Dictionary<ulong, (ItemBlock Block, int Row)> found)
    {
        if (keys.Count == 0)
            return new ItemBlock(0, 1, 0);
        var first = found[keys[0]].Block;
        var all = new ItemBlock(keys.Count, first.ContentDimension, 0);
        for (var i = 0; i < keys.Count; i++)
        {
            var (block, row) = found[keys[i]];
            all.CopyRow(i, block, row);
        }
        return all;
    }
}
