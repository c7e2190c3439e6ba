using System.Runtime.InteropServices;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Shards;

/// <summary>Asks the shards of some items for the items' facts, all shards at once.</summary>
public sealed partial class ShardFacts(IShardClient shards, ILogger<ShardFacts> logger)
{
    /// <summary>Facts by item id: null for an item that does not exist, no entry when the item's shard did not answer or still loads.</summary>
    /// <param name="itemIds">Ids; an id may come twice.</param>
    /// <param name="cancellationToken">Stops the wait.</param>
    public async Task<Dictionary<string, ItemFacts?>> FindAsync(IEnumerable<string> itemIds, CancellationToken cancellationToken)
    {
        var groups = itemIds.Distinct().GroupBy(id => Key64.Shard(Key64.Of(id), shards.ShardCount))
            .Select(group => (Shard: group.Key, Ids: group.ToArray())).ToArray();
        var replies = await Task.WhenAll(groups.Select(group => AskAsync(group.Shard, group.Ids, cancellationToken)));
        var facts = new Dictionary<string, ItemFacts?>();
        foreach (var (group, reply) in groups.Zip(replies))
        {
            if (reply is null or { Warming: true })
                continue;
            for (var i = 0; i < group.Ids.Length; i++)
                facts[group.Ids[i]] = FactsOf(reply.Facts[i]);
        }
        return facts;
    }

    private async Task<ItemFactsReply?> AskAsync(int shard, string[] itemIds, CancellationToken cancellationToken)
    {
        try
        {
            return await shards.GetFacts(shard, itemIds, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OrleansException)
        {
            LogNoAnswer(e, shard);
            return null;
        }
    }

    private static ItemFacts? FactsOf(WireItemFacts? facts) => facts is null
        ? null
        : new(facts.ItemId, facts.CreatorId, facts.SongId, (ItemKind)facts.Kind, facts.Tags, MemoryMarshal.Cast<byte, float>(facts.Content).ToArray());

    [LoggerMessage(Level = LogLevel.Warning, Message = "Shard {Shard} did not answer a query for item facts")]
    private partial void LogNoAnswer(Exception e, int shard);
}
