namespace KgOrleans.Grains.Interfaces;

/// <summary>Serves recommendations: asks the user, fans out to the shards under a deadline, merges, diversifies, fine-ranks, re-ranks. A stateless worker.</summary>
[Alias("kg.ICoordinatorGrain")]
public interface ICoordinatorGrain : IGrainWithIntegerKey
{
    /// <summary>One page.</summary>
    [Alias("Recommend")]
    Task<RecommendReply> Recommend(RecommendCommand command, CancellationToken cancellationToken);

    /// <summary>What a request asked and how its answer came about, from whichever silo answered it; null when it is unknown or too long ago.</summary>
    [Alias("FindRequest")]
    Task<RequestRecord?> FindRequest(string requestId, CancellationToken cancellationToken);

    /// <summary>What the Dashboard shows.</summary>
    [Alias("GetState")]
    Task<CoordinatorView> GetState();
}
