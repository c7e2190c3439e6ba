using System.Runtime.InteropServices;
using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Shards;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Scenes;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Recommend;

/// <summary>Pinned items that may be shown.</summary>
/// <param name="Items">The items.</param>
/// <param name="Clock">Names the shards that did not answer.</param>
internal sealed record PinnedItems(HydratedCandidates Items, StageClock Clock);

/// <summary>
/// Finds the pinned items that may be shown to the user, whether or not recall finds them. Their shards test them for eligibility as any other item.
/// The stage runs beside recall, so it has a clock of its own.
/// </summary>
internal sealed class PinStage(IShardClient shards, TimeProvider time, ILogger logger)
{
    private static readonly HydratedCandidates None = new([], new ItemBlock(0, 1, 0));

    /// <summary>Pins of the first page; none on others.</summary>
    public static IEnumerable<Pin> PinsOf(FunnelRequest request) => request.Page is null ? request.Settings.ReRank.Pins : [];

    /// <summary>The pinned items that may be shown. A late or broken shard loses its pins and is named; nothing is thrown.</summary>
    public async Task<PinnedItems> RunAsync(FunnelRequest request, CancellationToken budget)
    {
        var byShard = PinsOf(request).Where(p => p.Position < request.Command.PageSize && !request.Command.Exclude.Contains(p.ItemId))
            .Select(p => p.ItemId).Distinct().GroupBy(id => Key64.Shard(Key64.Of(id), shards.ShardCount)).ToArray();
        var clock = new StageClock(time);
        if (byShard.Length == 0)
            return new PinnedItems(None, clock);
        var numbers = Array.ConvertAll(byShard, g => g.Key);
        var calls = Array.ConvertAll(byShard, g => shards.Recall(g.Key, QueryOf(request, [.. g]), budget).WaitAsync(budget));
        var found = await ShardCalls.Gather(Degradations.PinShards, numbers, calls, clock, logger);
        var asked = Enumerable.Range(0, found.Length).Where(i => found[i] is { Candidates.Length: > 0 }).ToArray();
        var replies = await ShardCalls.Gather(
            Degradations.PinShards,
            Array.ConvertAll(asked, i => numbers[i]),
            Array.ConvertAll(asked, i => shards.Hydrate(numbers[i], QueryOf(request, found[i]!), budget).WaitAsync(budget)),
            clock,
            logger);
        var allowed = None;
        for (var i = 0; i < asked.Length; i++)
        {
            if (replies[i] is { } reply)
                allowed = Join(allowed, ItemsOf(numbers[asked[i]], found[asked[i]]!, reply));
        }
        return new PinnedItems(allowed, clock);
    }

    /// <summary>The candidates, followed by the others that are not among them.</summary>
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

    private static HydratedCandidates ItemsOf(int shard, RecallReply found, HydrateReply columns)
    {
        var block = new ItemBlock(columns.Count, columns.ContentDimension, 0, columns.Rows, columns.Content, [], columns.Ids)
        {
            Attributes = ItemAttributes.Unpack(columns.Attributes, columns.Count),
        };
        var byKey = MemoryMarshal.Cast<byte, RecallCandidate>(found.Candidates).ToArray().ToDictionary(r => r.Key);
        return new HydratedCandidates(
            [
                .. block.Rows.ToArray().Select(
                    r => new MergedCandidate { Key = r.Key, Shard = shard, Row = byKey[r.Key].Row, PreRank = float.NaN, Relevance = 0 }),
            ],
            block);
    }

    private static HydrateQuery QueryOf(FunnelRequest request, RecallReply found)
    {
        var candidates = MemoryMarshal.Cast<byte, RecallCandidate>(found.Candidates).ToArray();
        return new HydrateQuery(
            found.Header.ViewEpoch,
            MemoryMarshal.AsBytes(Array.ConvertAll(candidates, c => c.Row).AsSpan()).ToArray(),
            Key64.ToBytes(Array.ConvertAll(candidates, c => c.Key)), request.ScoreTime)
        {
            SceneKey = request.SceneKey,
            WithAttributes = request.Scene.ReadsAttributes,
        };
    }

    // The hot channel finds every match, popular or not, and only the pins match.
    private static RecallQuery QueryOf(FunnelRequest request, string[] ids)
    {
        var clauses = new List<object> { new { field = "itemId", @in = ids } };
        if (request.Command.Filter is { Length: > 0 } filter)
            clauses.Add(JsonSerializer.Deserialize<JsonElement>(filter));
        var quotas = new int[RecallChannels.Count];
        quotas[(int)RecallChannel.Hot] = ids.Length;
        var keys = Key64.OfAll(ids).ToHashSet();
        return new RecallQuery
        {
            Now = request.Now,
            ScoreTime = request.ScoreTime,
            WorldId = request.User.Snapshot.WorldId,
            ExcludedItems = Key64.ToBytes([.. Key64.FromBytes(request.User.SeenKeys).ToArray().Where(keys.Contains)]),
            ExcludedCreators = Key64.ToBytes(RecallPlan.ExcludedCreators(request)),
            ExcludedTags = Key64.ToBytes([.. request.User.Snapshot.BlockedTags]),
            ExcludedSongs = Key64.ToBytes([.. request.User.Snapshot.BlockedSongs]),
            Scene = request.Scene.RecallUtf8,
            SceneKey = request.SceneKey,
            Filter = JsonSerializer.SerializeToUtf8Bytes(new { all = clauses }),
            Quotas = quotas,
        };
    }
}
