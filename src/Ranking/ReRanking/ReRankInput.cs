using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.ReRanking;

/// <summary>What re-ranking starts from.</summary>
public sealed record ReRankInput
{
    /// <summary>Columns of the candidates.</summary>
    public required ItemBlock Block { get; init; }

    /// <summary>Rows of the candidates in the block, best first.</summary>
    public required int[] Order { get; init; }

    /// <summary>How many of the first candidates diversity chooses from. The others are a reserve, in their order, for rules that those cannot meet.</summary>
    public required int Keep { get; init; }

    /// <summary>Relevance of the first <see cref="Keep"/> candidates, 0..1, in their order.</summary>
    public required float[] Relevance { get; init; }

    /// <summary>Traffic weight of the first <see cref="Keep"/> candidates; empty for 1.</summary>
    public float[] Weights { get; init; } = [];

    /// <summary>The diversity step.</summary>
    public required DiversitySettings Diversity { get; init; }

    /// <summary>Window rules and minimum shares.</summary>
    public required RuleSet Rules { get; init; }

    /// <summary>What the window rules see of each candidate, in the order of the candidates.</summary>
    public required RuleItem[] RuleItems { get; init; }

    /// <summary>Which shares each candidate counts for; empty when there are none.</summary>
    public uint[] Shares { get; init; } = [];

    /// <summary>Quota of each traffic share; empty when there are none.</summary>
    public PageQuota[] Quotas { get; init; } = [];

    /// <summary>Items served just before, oldest first, as the rules see them.</summary>
    public RuleItem[] ServedItems { get; init; } = [];

    /// <summary>Items served just before, oldest first, as diversity sees them: without items that are deleted.</summary>
    public ItemBlock? Served { get; init; }

    /// <summary>Items at fixed positions; candidates are indexes into <see cref="Order"/>.</summary>
    public PinnedItem[] Pins { get; init; } = [];

    /// <summary>Items wanted.</summary>
    public required int Length { get; init; }
}
