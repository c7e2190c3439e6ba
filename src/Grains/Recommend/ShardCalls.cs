using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Scoring;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Recommend;

/// <summary>Waits for a fan-out and says which shards are missing from it, and why.</summary>
internal static partial class ShardCalls
{
    /// <summary>Replies in the order of the calls; null for a shard that timed out, failed, is overloaded or still loads.</summary>
    /// <param name="reasons">What the stage's calls can fail by.</param>
    /// <param name="shards">Shard of each call.</param>
    /// <param name="calls">The calls.</param>
    /// <param name="clock">Takes the degradations.</param>
    /// <param name="logger">Takes failures.</param>
    public static async Task<T?[]> Gather<T>(ShardDegradations reasons, IReadOnlyList<int> shards, IReadOnlyList<Task<T>> calls, StageClock clock, ILogger logger)
        where T : class
    {
        var replies = new T?[calls.Count];
        var missing = new SortedDictionary<string, (DegradationReason Reason, List<int> Shards)>(StringComparer.Ordinal);
        for (var call = 0; call < calls.Count; call++)
        {
            try
            {
                replies[call] = await calls[call];
                if (replies[call] is RecallReply { Header.Warming: true } or HydrateReply { Header.Warming: true })
                    Miss(reasons.Warming, call);
            }
            catch (Exception e)
            {
                if (e is not (OperationCanceledException or TimeoutException or ScoringOverloadedException))
                    LogFailed(logger, e, reasons.Failed.Stage, shards[call]);
                Miss(e is OperationCanceledException or TimeoutException ? reasons.Timeout : e is ScoringOverloadedException ? reasons.Overloaded : reasons.Failed, call);
            }
        }
        foreach (var (reason, numbers) in missing.Values)
            clock.Degrade(reason, $"shards {string.Join(", ", numbers)}");
        return replies;

        void Miss(DegradationReason reason, int call)
        {
            replies[call] = null;
            if (!missing.TryGetValue(reason.Reason, out var missed))
                missing.Add(reason.Reason, missed = (reason, []));
            missed.Shards.Add(shards[call]);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Shard {Shard} failed in {Stage}; the answer goes on without it")]
    private static partial void LogFailed(ILogger logger, Exception e, string stage, int shard);
}
