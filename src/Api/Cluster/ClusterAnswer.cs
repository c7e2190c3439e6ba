using KgOrleans.Grains.Interfaces;

namespace KgOrleans.Api.Cluster;

/// <summary>The body of <c>GET /v1/cluster</c>.</summary>
/// <param name="Silos">Silos.</param>
/// <param name="Shards">Shards, by number.</param>
/// <param name="Unreachable">Shards that did not answer in time.</param>
/// <param name="Items">Live items of the shards that answered.</param>
/// <param name="Bytes">Bytes of columns and indexes over the shards that answered.</param>
/// <param name="ModelVersion">Bundle in use; absent without one.</param>
/// <param name="SpaceId">Embedding space in use; absent without one.</param>
public sealed record ClusterAnswer(
    IReadOnlyList<SiloAnswer> Silos, IReadOnlyList<ItemShardView> Shards, IReadOnlyList<int> Unreachable, long Items, long Bytes,
    string? ModelVersion, string? SpaceId);

/// <summary>One silo.</summary>
/// <param name="Silo">Address.</param>
/// <param name="Status">Status in the membership.</param>
/// <param name="Shards">Numbers of the shards that live on it.</param>
public sealed record SiloAnswer(string Silo, string Status, IReadOnlyList<int> Shards);
