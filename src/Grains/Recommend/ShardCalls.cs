using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Scoring;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Recommend;

/// <summary>Waits for a fan-out and says which shards are missing from it, and why.</summary>
internal static partial class ShardCalls
{
    /// <summary>Replies in the order of the calls; null for a shard that timed out, failed, is overloaded or still loads.</summary>
    /// <param name="stage">Stage, for the degradation.</param>
    /// <param name="shards">Shard of each call.</param>
    /// <param name="calls">The calls.</param>
    /// <param name="clock">Takes the degradations.</param>
    /// <param name="logger">Takes failures.</param>
    public static async Task<T?[]> Gather<T>(string stage, IReadOnlyList<int> shards, IReadOnlyList<Task<T>> calls, StageClock clock, ILogger logger)
        where T : class
    {
        var replies = new T?[calls.Count];
        var missing = new SortedDictionary<string, List<int>>(StringComparer.Ordinal);
        for (var call = 0; call < calls.Count; call++)
        {
            try
            {
                replies[call] = await calls[call];
                if (replies[call] is RecallReply { Header.Warming: true } or HydrateReply { Header.Warming: true })
                    Miss("shardWarming", call);
            }
            catch (Exception e)
            {
                if (e is not (OperationCanceledException or TimeoutException or ScoringOverloadedException))
                    LogFailed(logger, e, stage, shards[call]);
                Miss(e is OperationCanceledException or TimeoutException ? "shardTimeout" : e is ScoringOverloadedException ? "overloaded" : "shardFailed", call);
            }
        }
        foreach (var (reason, numbers) in missing)
            clock.Degrade(stage, reason, $"shards {string.Join(", ", numbers)}");
        return replies;

        void Miss(string reason, int call)
        {
            replies[call] = null;
            if (!missing.TryGetValue(reason, out var numbers))
                missing.Add(reason, numbers = []);
            numbers.Add(shards[call]);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Shard {Shard} failed in {Stage}; the answer goes on without it")]
    private static partial void LogFailed(ILogger logger, Exception e, string stage, int shard);
}
