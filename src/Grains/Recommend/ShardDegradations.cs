namespace KgOrleans.Grains.Recommend;

/// <summary>What can go wrong with a stage's calls of shards.</summary>
/// <param name="Timeout">Shards did not answer in the stage's time.</param>
/// <param name="Failed">Shards threw.</param>
/// <param name="Warming">Shards still load.</param>
/// <param name="Overloaded">Too many requests wait in the silos of these shards.</param>
internal sealed record ShardDegradations(DegradationReason Timeout, DegradationReason Failed, DegradationReason Warming, DegradationReason Overloaded);
