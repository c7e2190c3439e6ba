namespace KgOrleans.Ranking.Recall;

/// <summary>
/// How many of the global best n items a shard can hold. Items are spread over shards by the hash of their ids, so that the number in one of s shards is
/// binomial around n / s, with a deviation below sqrt(n / s): a share more than six deviations away happens once in 10^9 and is noticed and repaired
/// (docs/recall.md).
/// </summary>
public static class ShardShare
{
    private const double Deviations = 6;

    // Keeps small shares, whose distribution is skewed, as safe as large ones.
    private const int Spare = 8;

    /// <summary>Items that a shard must offer so that the global best <paramref name="count"/> are among the offers.</summary>
    public static int Most(int count, int shards)
    {
        var share = (double)count / shards;
        return (int)Math.Min(count, Math.Ceiling(share + (Deviations * Math.Sqrt(share))) + Spare);
    }

    /// <summary>The best items of a shard that belong to the global best <paramref name="count"/>.</summary>
    public static int Least(int count, int shards)
    {
        if (shards == 1)
            return count;
        var share = (double)count / shards;
        return (int)Math.Max(0, Math.Floor(share - (Deviations * Math.Sqrt(share))) - Spare);
    }
}
