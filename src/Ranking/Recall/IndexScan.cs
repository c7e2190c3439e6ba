using KgOrleans.Ranking.Catalogue;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// The channels that add up interests over postings: index, social and continue. Items are scored by the sum of the weights of the interests that
/// they meet, and by quality among equals. In the index channel a tag counts less the more tags an item has, and popularity is a prior.
/// </summary>
/// <param name="usesTables">How <see cref="InterestSums"/> adds common symbols up.</param>
internal sealed class IndexScan(bool usesTables) : IDisposable
{
    // A song or creator says more about an item than one of its tags does.
    private const float SongFactor = 1.5f;
    private const float CreatorFactor = 2f;

    private readonly InterestSums _sums = new(usesTables);
    private RecallInterest[] _interests = [];

    /// <summary>Fills the picks of a channel of a request.</summary>
    public void Run(PartitionView view, RecallTask task, RecallChannel channel, RecallInterest[] interests, RowPicker picker)
    {
        if (task.Quota(channel) <= 0 || interests.Length == 0 || task.IsLate(channel))
            return;
        if (_interests.Length < interests.Length)
            _interests = new RecallInterest[interests.Length];
        for (var i = 0; i < interests.Length; i++)
        {
            var factor = interests[i].Field switch { InterestField.Song => SongFactor, InterestField.Creator => CreatorFactor, _ => 1f };
            _interests[i] = interests[i] with { Weight = interests[i].Weight * factor };
        }
        _sums.Run(view, task, channel, _interests.AsSpan(0, interests.Length), picker);
    }

    /// <inheritdoc />
    public void Dispose() => _sums.Dispose();
}
