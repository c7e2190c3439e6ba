using System.Runtime.InteropServices;
using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Recommend;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Grains.Recommend;

/// <summary>Finds the pinned works that may be shown to the user, whether or not recall finds them: their shards put them through the eligibility test of any other work.</summary>
internal sealed class PinStage(IShardClient shards)
{
    private static readonly HydratedCandidates None = new([], new ItemBlock(0, 1, 0));

    /// <summary>Pins of the first page; none on others.</summary>
    public static IEnumerable<Pin> PinsOf(FunnelRequest request) => request.Page is null ? request.Settings.ReRank.Pins : [];

    /// <summary>The pinned works that may be shown. A shard that is late or broken has none: a pin that cannot be shown is skipped, and the page says so.</summary>
    public async Task<HydratedCandidates> RunAsync(FunnelRequest request, CancellationToken budget)
    {
        var byShard = PinsOf(request).Where(p => p.Position < request.Command.PageSize && !request.Command.Exclude.Contains(p.ItemId))
            .DistinctBy(p => p.ItemId).GroupBy(p => ItemKey.Shard(ItemKey.Of(p.ItemId), shards.ShardCount)).ToArray();
        if (byShard.Length == 0)
            return None;
        var found = await Task.WhenAll(Array.ConvertAll(byShard, group => FindAsync(request, group.Key, [.. group.Select(p => p.ItemId)], budget)));
        var blocks = found.OfType<HydratedCandidates>().ToArray();
        return blocks.Length == 0 ? None : blocks.Aggregate(Join);
    }

    /// <summary>Candidates with those of others behind them that they lack.</summary>
    public static HydratedCandidates Join(HydratedCandidates candidates, HydratedCandidates others)
    {
        var known = candidates.Candidates.Select(c => c.Key).ToHashSet();
        var missing = Enumerable.Range(0, others.Candidates.Count).Where(i => !known.Contains(others.Candidates[i].Key)).ToArray();
        if (missing.Length == 0)
            return candidates;
        var (count, source) = (candidates.Candidates.Count, candidates.Candidates.Count > 0 ? candidates.Block : others.Block);
        var block = new ItemBlock(count + missing.Length, source.ContentDimension, source.EmbeddingDimension);
        for (var i = 0; i < block.Count; i++)
            block.CopyRow(i, i < count ? candidates.Block : others.Block, i < count ? i : missing[i - count]);
        return new HydratedCandidates([.. candidates.Candidates, .. missing.Select(i => others.Candidates[i])], block);
    }

    private async Task<HydratedCandidates?> FindAsync(FunnelRequest request, int shard, string[] ids, CancellationToken budget)
    {
        try
        {
            var reply = await shards.Recall(shard, QueryOf(request, shard, ids), budget).WaitAsync(budget);
            var rows = MemoryMarshal.Cast<byte, RecallCandidate>(reply.Candidates).ToArray();
            if (rows.Length == 0)
                return null;
            var query = new HydrateQuery(
                reply.Header.ViewEpoch, MemoryMarshal.AsBytes(Array.ConvertAll(rows, r => r.Row).AsSpan()).ToArray(), ItemKey.ToBytes(Array.ConvertAll(rows, r => r.Key)), request.ScoreTime);
            var columns = await shards.Hydrate(shard, query, budget).WaitAsync(budget);
            var block = new ItemBlock(columns.Count, columns.ContentDimension, 0, columns.Rows, columns.Content, [], columns.Ids);
            var byKey = rows.ToDictionary(r => r.Key);
            return new HydratedCandidates(
                [.. block.Rows.ToArray().Select(r => new MergedCandidate { Key = r.Key, Shard = shard, Row = byKey[r.Key].Row, PreRank = float.NaN, Relevance = 0 })], block);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException or OrleansException)
        {
            return null;
        }
    }

    // The hot channel finds whatever matches, popular or not; nothing but the pins does.
    private static RecallQuery QueryOf(FunnelRequest request, int shard, string[] ids)
    {
        var clauses = new List<object> { new { field = "itemId", @in = ids } };
        if (request.Command.Filter is { Length: > 0 } filter)
            clauses.Add(JsonSerializer.Deserialize<JsonElement>(filter));
        var quotas = new int[RecallChannels.Count];
        quotas[(int)RecallChannel.Hot] = ids.Length;
        var keys = ItemKey.OfAll(ids).ToHashSet();
        return new RecallQuery
        {
            Now = request.Now,
            ScoreTime = request.ScoreTime,
            OldestPublishedAt = request.Now - (long)TimeSpan.FromDays(request.Settings.Discovery.AgeWindowDays).TotalMilliseconds,
            WorldId = request.User.Snapshot.WorldId,
            ExcludedItems = ItemKey.ToBytes([.. ItemKey.FromBytes(request.User.SeenKeys).ToArray().Where(keys.Contains)]),
            ExcludedCreators = ItemKey.ToBytes([.. request.User.Snapshot.Blocked]),
            Admission = request.Scene.Admission,
            Filter = JsonSerializer.SerializeToUtf8Bytes(new { all = clauses }),
            Quotas = quotas,
        };
    }
}
