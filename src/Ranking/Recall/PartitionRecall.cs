using System.Collections.Concurrent;
using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// Round 1 in one partition for one request. Servers that have several at a time share passes through <see cref="RecallScan"/>; the answers are the
/// same.
/// </summary>
public static class PartitionRecall
{
    private static readonly ConcurrentBag<RecallScan> Scans = [];

    /// <summary>Runs round 1 over a view that the caller holds.</summary>
    public static RecallResult Run(PartitionView view, RecallRequest request)
    {
        if (!Scans.TryTake(out var scan))
            scan = new RecallScan();
        RecallResult? result = null;
        scan.Run(view, [request], new Span<RecallResult?>(ref result));
        Scans.Add(scan);
        return result!;
    }
}
