namespace KgOrleans.Grains.Interfaces;

/// <summary>Serves recommendations: asks the user, fans out to the shards under a deadline, merges, diversifies, fine-ranks, re-ranks. A stateless worker.</summary>
[Alias("kg.ICoordinatorGrain")]
public interface ICoordinatorGrain : IGrainWithIntegerKey
{
    /// <summary>One page.</summary>
    [Alias("Recommend")]
    Task<RecommendReply> Recommend(RecommendCommand command, CancellationToken cancellationToken);

    /// <summary>What the Dashboard shows.</summary>
    [Alias("GetState")]
    Task<CoordinatorView> GetState();
}
