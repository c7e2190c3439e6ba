namespace KgOrleans.Grains.Interfaces;

/// <summary>Serves recommendations: asks the user and the shards under a deadline, merges, pre-ranks, fine-ranks and re-ranks. A stateless worker.</summary>
[Alias("kg.ICoordinatorGrain")]
public interface ICoordinatorGrain : IGrainWithIntegerKey
{
    /// <summary>One page.</summary>
    [Alias("Recommend")]
    Task<RecommendReply> Recommend(RecommendCommand command, CancellationToken cancellationToken);

    /// <summary>What a request asked and how its answer was made, from the silo that answered it; null when it is unknown or no longer kept.</summary>
    [Alias("FindRequest")]
    Task<RequestRecord?> FindRequest(string requestId, CancellationToken cancellationToken);

    /// <summary>What the Dashboard shows.</summary>
    [Alias("GetState")]
    Task<CoordinatorView> GetState();
}
