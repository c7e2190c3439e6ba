
namespace KgOrleans.Ranking.Catalogue;

/// <summary>The index channel: works of the tags, songs and creators that a user likes, scored by the sum of the interests' weights, and by quality among equals.</summary>
internal sealed class IndexScan : IDisposable
{
    // A song or creator says more about a work than one of its tags does.
    private const float SongFactor = 1.5f;
    private const float CreatorFactor = 2f;

    private readonly InterestSums _sums = new();
    private RecallInterest[] _interests = [];

    /// <summary>Fills the picks of a request.</summary>
    public void Run(PartitionView view, RecallTask task)
    {
        var quota = task.Quota(RecallChannel.Index);
        if (quota <= 0)
            return;
        var interests = task.Request.Interests;
        if (_interests.Length < interests.Length)
            _interests = new RecallInterest[interests.Length];
        for (var i = 0; i < interests.Length; i++)
        {
            var factor = interests[i].Field switch { InterestField.Song => SongFactor, InterestField.Creator => CreatorFactor, _ => 1f };
            _interests[i] = interests[i] with { Weight = interests[i].Weight * factor };
        }
        task.Best.Reset(quota);
        _sums.Run(view, task.Bits, _interests.AsSpan(0, interests.Length), task.Best, long.MaxValue);
        task.Picks[(int)RecallChannel.Index].Complete(task.Best);
    }

    /// <inheritdoc />
    public void Dispose() => _sums.Dispose();
}
