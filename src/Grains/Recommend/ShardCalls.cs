using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Scoring;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Recommend;

/// <summary>Waits for calls of several shards and reports which shards are missing, and why.</summary>
internal static partial class ShardCalls
{
    /// <summary>Replies in the order of the calls; null for a shard that timed out, failed, is overloaded or still loads.</summary>
    /// <param name="reasons">What the stage's calls can fail by.</param>
    /// <param name="shards">Shard of each call.</param>
    /// <param name="calls">The calls.</param>
    /// <param name="clock">Takes the degradations.</param>
    /// <param name="logger">Takes failures.</param>
    public static async Task<T?[]> Gather<T>(
        ShardDegradations reasons, IReadOnlyList<int> shards, IReadOnlyList<Task<T>> calls, StageClock clock, ILogger logger)
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
                Miss(ReasonOf(e, reasons), call);
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

    private static DegradationReason ReasonOf(Exception e, ShardDegradations reasons) => e switch
    {
        OperationCanceledException or TimeoutException => reasons.Timeout,
        ScoringOverloadedException => reasons.Overloaded,
        _ => reasons.Failed,
    };

    [LoggerMessage(Level = LogLevel.Warning, Message = "Shard {Shard} failed in stage {Stage}; the page is served without it")]
    private static partial void LogFailed(ILogger logger, Exception e, string stage, int shard);
}
