using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Tests.Catalogue;

internal static class TestViews
{
    /// <summary>Publishes and holds the new view; tests leave giving it back to its finalizer where that is not what they are about.</summary>
    public static PartitionView PublishView(this Partition partition, long logPosition, long? counterEpoch = null)
    {
        partition.Publish(logPosition, counterEpoch);
        return partition.Acquire();
    }
}
