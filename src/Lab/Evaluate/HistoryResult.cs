namespace KgOrleans.Lab.Evaluate;

/// <summary>How a method fared on one split: recall and NDCG of pages, by user.</summary>
internal sealed record HistoryResult(string Name, bool IsBaseline)
{
    /// <summary>Items of the shorter page.</summary>
    public const int Shortest = 10;

    /// <summary>Items of the longer page.</summary>
    public const int Longest = 50;

    private readonly SortedDictionary<string, HistoryScore> _users = new(StringComparer.Ordinal);

    /// <summary>Scores in the order of the users' ids, the same for every method.</summary>
    public IReadOnlyCollection<HistoryScore> Scores => _users.Values;

    /// <summary>Adds a user.</summary>
    /// <param name="user">The user.</param>
    /// <param name="page">A page of <see cref="Shortest"/>.</param>
    /// <param name="longer">A page of <see cref="Longest"/>.</param>
    /// <param name="heldOut">What was set aside.</param>
    public void Add(string user, ReadOnlySpan<string> page, ReadOnlySpan<string> longer, IReadOnlySet<string> heldOut)
    {
        var top = page[..Math.Min(page.Length, Shortest)];
        _users.Add(user, new HistoryScore(Recall(top, heldOut), Ndcg(top, heldOut), Recall(longer, heldOut)));
    }

    private static double Recall(ReadOnlySpan<string> page, IReadOnlySet<string> heldOut)
    {
        var found = 0;
        foreach (var item in page)
            found += heldOut.Contains(item) ? 1 : 0;
        return (double)found / heldOut.Count;
    }

    private static double Ndcg(ReadOnlySpan<string> page, IReadOnlySet<string> heldOut)
    {
        Span<float> gains = stackalloc float[Shortest];
        Span<float> ideal = stackalloc float[Shortest];
        for (var i = 0; i < page.Length; i++)
            gains[i] = heldOut.Contains(page[i]) ? 1 : 0;
        ideal[..Math.Min(Shortest, heldOut.Count)].Fill(1);
        return EvaluateMetrics.Ndcg(gains, ideal);
    }
}
