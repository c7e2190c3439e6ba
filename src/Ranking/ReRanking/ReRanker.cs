using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.ReRanking;

/// <summary>What re-ranking starts from.</summary>
public sealed record ReRankInput
{
    /// <summary>Columns of the candidates.</summary>
    public required ItemBlock Block { get; init; }

    /// <summary>Rows of the candidates in the block, best first.</summary>
    public required int[] Order { get; init; }

    /// <summary>How many of them diversity chooses from; the others, in their order, are there for rules that those cannot meet.</summary>
    public required int Keep { get; init; }

    /// <summary>Relevance of the first <see cref="Keep"/>, 0..1, in their order.</summary>
    public required float[] Relevance { get; init; }

    /// <summary>Traffic weight of the first <see cref="Keep"/>; empty for 1.</summary>
    public float[] Weights { get; init; } = [];

    /// <summary>The diversity step.</summary>
    public required DiversitySettings Diversity { get; init; }

    /// <summary>Window rules and minimum shares.</summary>
    public required RuleSet Rules { get; init; }

    /// <summary>What the window rules see of each candidate, in their order.</summary>
    public required RuleItem[] RuleItems { get; init; }

    /// <summary>Which minimum shares each candidate counts for; empty when there are none.</summary>
    public uint[] Shares { get; init; } = [];

    /// <summary>Works served just before, oldest first, as rules see them.</summary>
    public RuleItem[] ServedItems { get; init; } = [];

    /// <summary>Works served just before, oldest first, as diversity sees them: without those that are gone.</summary>
    public ItemBlock? Served { get; init; }

    /// <summary>Works at fixed positions; indexes into <see cref="Order"/>.</summary>
    public PinnedItem[] Pins { get; init; } = [];

    /// <summary>Works wanted.</summary>
    public required int Length { get; init; }
}

/// <summary>How a work came to its position.</summary>
/// <param name="Row">Its row in the block.</param>
/// <param name="Preferred">Position that it would have had if the diversity step's preferences at this moment had been served without rules: its position plus how many works were worth more.</param>
/// <param name="Gain">Gain of the diversity step; null for a work that it did not weigh.</param>
/// <param name="IsPinned">Whether it is pinned here.</param>
/// <param name="IsPromoted">Whether a minimum share brought it here.</param>
public readonly record struct ReRankedItem(int Row, int Preferred, double? Gain, bool IsPinned, bool IsPromoted);

/// <summary>A page.</summary>
/// <param name="Items">Its items, in order.</param>
/// <param name="Relaxed">Beside each of <see cref="RuleSet.Names"/>: of a window rule how many works break it with those before them, of a minimum share how many works it is short of.</param>
public sealed record ReRankOutcome(ReRankedItem[] Items, int[] Relaxed);

/// <summary>
/// Re-ranking: at every position diversity says what each candidate is worth after the works that stand before it, and the rules choose among the most valuable. So both hold in what is served: nothing moves works afterwards.
/// A workspace for one caller at a time.
/// </summary>
public sealed class ReRanker
{
    // Below whatever a diversity step gives, and falling in the order of the candidates behind it.
    private const float Behind = -1_000;

    private readonly RuleState _rules = new();
    private readonly DiversitySelector _diversity = new();
    private float[] _values = [];

    /// <summary>Picks a page.</summary>
    public ReRankOutcome Pick(ReRankInput input)
    {
        var (count, keep) = (input.Order.Length, input.Keep);
        var length = Math.Min(input.Length, count);
        // Columns of no works have no dimension that those of works served before could be compared in.
        if (length == 0)
            return new ReRankOutcome([], new int[input.Rules.WindowCount + input.Rules.ShareCount]);
        if (_values.Length < count)
            _values = new float[count];
        var values = _values.AsSpan(0, count);
        for (var i = keep; i < count; i++)
            values[i] = Behind - i;
        _rules.Begin(input.Rules, input.RuleItems, input.Shares, input.ServedItems, length, input.Pins);
        _diversity.Begin(input.Diversity, input.Block, input.Order.AsSpan(0, keep), input.Relevance, input.Weights, input.Served, length);
        var works = new ReRankedItem[length];
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
            works[position] = new ReRankedItem(input.Order[pick], preferred, gain, isPinned, promoted);
        }
        return new ReRankOutcome(works, _rules.Relaxed.ToArray());
    }
}
