using KgOrleans.Kernels.Diversity;
namespace KgOrleans.Ranking.ReRanking;

/// <summary>
/// Re-ranking. At every position the diversity step values each candidate against the items that stand before it, and the rules choose among the candidates
/// with the highest values. Nothing moves items afterwards, so both hold in the served page.
/// A workspace for one caller at a time.
/// </summary>
public sealed class ReRanker
{
    // Candidates in reserve get values below any that a diversity step gives, falling in their order.
    private const float Reserve = -1_000;

    private readonly RuleState _rules = new();
    private readonly DiversitySelector _diversity = new();
    private float[] _values = [];

    /// <summary>Picks a page.</summary>
    public ReRankOutcome Pick(ReRankInput input)
    {
        var (count, keep) = (input.Order.Length, input.Keep);
        var length = Math.Min(input.Length, count);
        // A block without items has no content dimension in which the items served before could be compared.
        if (length == 0)
            return new ReRankOutcome([], new int[input.Rules.WindowCount + input.Rules.ShareCount]);
        WorkArray.Grow(ref _values, count);
        var values = _values.AsSpan(0, count);
        for (var i = keep; i < count; i++)
            values[i] = Reserve - i;
        _rules.Begin(input.Rules, input.RuleItems, input.Shares, input.ServedItems, length, input.Pins, input.Quotas);
        _diversity.Begin(input.Diversity, input.Block, input.Order.AsSpan(0, keep), input.Relevance, input.Weights, input.Served, length);
        var items = new ReRankedItem[length];
        while (!_rules.IsComplete)
        {
            _diversity.Values().CopyTo(values);
            var position = _rules.Position;
            var isPinned = _rules.Pinned >= 0;
            var pick = _rules.Choose(values, out var promoted);
            var preferred = position;
            foreach (var value in values)
                preferred += value > values[pick] ? 1 : 0;
            double? gain = null;
            if (pick < keep)
                gain = _diversity.Take(pick, isLast: position + 1 == length);
            else
                _diversity.TakeOther(input.Block, input.Order[pick]);
            values[pick] = float.NegativeInfinity;
            _rules.Place(pick);
            items[position] = new ReRankedItem(input.Order[pick], preferred, gain, isPinned, promoted);
        }
        return new ReRankOutcome(items, _rules.Relaxed.ToArray());
    }
}
