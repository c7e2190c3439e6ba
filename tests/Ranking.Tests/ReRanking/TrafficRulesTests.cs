using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Ranking.Tests.ReRanking;

/// <summary>Quotas of traffic classes among the other rules of a page.</summary>
[Trait("Suite", "Unit")]
public sealed class TrafficRulesTests
{
    private static readonly ItemFilter Any = ItemFilter.Parse("""{"field":"kind","eq":"live"}"""u8.ToArray());
    private static readonly WindowRule[] Creators = [new() { Field = "creatorId", Max = 1, In = 2 }];

    [Fact]
    public void A_page_has_what_a_class_is_owed_though_its_items_are_the_worst_and_says_which_were_promoted()
    {
        var (order, promoted, relaxed) = Run(20, i => i >= 15, new PageQuota(2, 2, 0.5));
        // The first by position (0 + 0.5) / 2 of ten, the second by (1 + 0.5) / 2.
        Assert.Equal([0, 1, 15, 2, 3, 4, 5, 16, 6, 7], order);
        Assert.Equal([15, 16], promoted);
        Assert.Equal([0], relaxed);
    }

    [Fact]
    public void A_page_has_no_more_of_a_class_than_allowed_though_its_items_are_the_best()
    {
        var (order, promoted, relaxed) = Run(20, i => i < 12, new PageQuota(0, 1, 0));
        Assert.Equal([0, 12, 13, 14, 15, 16, 17, 18, 19], order.Take(9));
        // Nothing but the class is left for the last position.
        Assert.Equal(1, order[9]);
        Assert.Equal([1], relaxed);
        Assert.Empty(promoted);
    }

    [Fact]
    public void Window_rules_hold_where_a_class_would_break_them_and_what_it_lacks_is_reported()
    {
        // All items of the class are by one creator, so that every other position is the most it can have.
        var (order, _, relaxed) = Run(20, i => i >= 10, new PageQuota(7, 7, 0), i => i >= 10 ? 99UL : (ulong)i + 1, Creators);
        for (var i = 1; i < order.Count; i++)
            Assert.False(order[i] >= 10 && order[i - 1] >= 10);
        Assert.Equal(5, order.Count(i => i >= 10));
        Assert.Equal([0, 2], relaxed);
    }

    [Fact]
    public void A_pin_counts_for_its_class()
    {
        var (order, _, _) = Run(20, i => i >= 15, new PageQuota(1, 1, 0), pins: [new PinnedItem(19, 8)]);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 19, 8], order);
    }

    [Fact]
    public void Quotas_that_do_not_fit_the_rules_are_refused() =>
        Assert.Throws<ArgumentException>(() => new RuleState().Begin(Rules([]), [], [], [], 0, []));

    private static RuleSet Rules(WindowRule[] windows) => new(windows, [.. windows.Select(_ => (ItemFilter?)null)], [], [], [(Any, new TrafficShare())]);

    private static (List<int> Order, List<int> Promoted, int[] Relaxed) Run(
        int count, Func<int, bool> inClass, PageQuota quota, Func<int, ulong>? creator = null, WindowRule[]? windows = null, PinnedItem[]? pins = null)
    {
        var state = new RuleState();
        RuleItem[] items = [.. Enumerable.Range(0, count).Select(i => new RuleItem(creator?.Invoke(i) ?? (ulong)i + 1, 0, 0, 0))];
        uint[] shares = [.. Enumerable.Range(0, count).Select(i => inClass(i) ? 1u : 0)];
        float[] values = [.. Enumerable.Range(0, count).Select(i => (float)-i)];
        state.Begin(Rules(windows ?? []), items, shares, [], 10, pins ?? [], [quota]);
        var (order, promoted) = (new List<int>(), new List<int>());
        while (!state.IsComplete)
        {
            var pick = state.Choose(values, out var by);
            if (by)
                promoted.Add(pick);
            state.Place(pick);
            order.Add(pick);
        }
        return (order, promoted, state.Relaxed.ToArray());
    }
}
