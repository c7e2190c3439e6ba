using System.Runtime.InteropServices;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Recommend;
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
    /// <summary>Fetches the candidates' columns. Candidates of a shard that does not answer are left out; their order stays.</summary>
    public async Task<HydratedCandidates> RunAsync(FunnelRequest request, RecallOutcome recall, List<MergedCandidate> candidates, CancellationToken budget)
    {
        var byShard = candidates.GroupBy(c => c.Shard).OrderBy(g => g.Key).ToArray();
        var calls = Array.ConvertAll(byShard, group => shards.Hydrate(
            group.Key,
            new HydrateQuery(
                recall.Headers[group.Key]!.ViewEpoch, MemoryMarshal.AsBytes(group.Select(c => c.Row).ToArray().AsSpan()).ToArray(), ItemKey.ToBytes(group.Select(c => c.Key).ToArray()), request.ScoreTime),
            budget).WaitAsync(budget));
        var replies = await ShardCalls.Gather("hydrate", Array.ConvertAll(byShard, g => g.Key), calls, request.Clock, logger);
        var found = RowsOf(replies);
        var kept = candidates.FindAll(c => found.ContainsKey(c.Key));
        request.Clock.End("hydrate", candidates.Count, kept.Count);
        return new HydratedCandidates(kept, Copy(kept.ConvertAll(c => c.Key), found));
    }

    /// <summary>Columns of works by key, in the order asked, without those that are gone: what earlier pages served last.</summary>
    public async Task<ItemBlock> ByKeysAsync(FunnelRequest request, IReadOnlyList<ulong> keys, CancellationToken budget)
    {
        var byShard = keys.GroupBy(k => ItemKey.Shard(k, shards.ShardCount)).ToArray();
        var calls = Array.ConvertAll(byShard, g => shards.Hydrate(g.Key, new HydrateQuery(-1, [], ItemKey.ToBytes(g.ToArray()), request.ScoreTime), budget).WaitAsync(budget));
        var found = RowsOf(await ShardCalls.Gather("hydrate", Array.ConvertAll(byShard, g => g.Key), calls, request.Clock, logger));
        return Copy([.. keys.Where(found.ContainsKey)], found);
    }

    private static Dictionary<ulong, (ItemBlock Block, int Row)> RowsOf(HydrateReply?[] replies)
    {
        var found = new Dictionary<ulong, (ItemBlock, int)>();
        foreach (var reply in replies)
        {
            if (reply is null)
                continue;
            var block = new ItemBlock(reply.Count, reply.ContentDimension, 0, reply.Rows, reply.Content, [], reply.Ids);
            for (var row = 0; row < block.Count; row++)
                found[block.Rows[row].Key] = (block, row);
        }
        return found;
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
