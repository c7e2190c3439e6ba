using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Scoring;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Recommend;

/// <summary>Waits for a fan-out and says which shards are missing from it, and why.</summary>
internal static partial class ShardCalls
{
    /// <summary>Replies in shard order; null for a shard that timed out, failed, is overloaded or still loads.</summary>
    public static async Task<T?[]> Gather<T>(string stage, IReadOnlyList<Task<T>> calls, StageClock clock, ILogger logger)
        where T : class
    {
        var replies = new T?[calls.Count];
        var missing = new SortedDictionary<string, List<int>>(StringComparer.Ordinal);
        for (var shard = 0; shard < calls.Count; shard++)
        {
            try
            {
                replies[shard] = await calls[shard];
                if (replies[shard] is RecallReply { Header.Warming: true } or HydrateReply { Header.Warming: true })
                    Miss("shardWarming", shard);
                else if (replies[shard] is HydrateReply { ViewGone: true })
                    Miss("viewGone", shard);
            }
            catch (Exception e)
            {
                if (e is not (OperationCanceledException or TimeoutException or ScoringOverloadedException))
                    LogFailed(logger, e, stage, shard);
                Miss(e is OperationCanceledException or TimeoutException ? "shardTimeout" : e is ScoringOverloadedException ? "overloaded" : "shardFailed", shard);
            }
        }
        foreach (var (reason, shards) in missing)
            clock.Degrade(stage, reason, $"shards {string.Join(", ", shards)}");
        return replies;

        void Miss(string reason, int shard)
        {
            replies[shard] = null;
            if (!missing.TryGetValue(reason, out var shards))
                missing.Add(reason, shards = []);
            shards.Add(shard);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Shard {Shard} failed in {Stage}; the answer goes on without it")]
    private static partial void LogFailed(ILogger logger, Exception e, string stage, int shard);
}
