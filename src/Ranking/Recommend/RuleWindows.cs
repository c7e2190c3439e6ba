using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Ranking.Recommend;

/// <summary>What the window rules left of an order.</summary>
/// <param name="Order">Indexes of the picks, best first.</param>
/// <param name="Relaxed">Per rule how often it had to give way.</param>
public sealed record RuleOutcome(List<int> Order, int[] Relaxed);

/// <summary>
/// Window rules (the article's two: no two works of one song or of one creator in a row), applied greedily to an order: at each position the first candidate that breaks no rule.
/// When every candidate breaks one, the last rule gives way first, and that is reported.
/// </summary>
public static class RuleWindows
{
    /// <summary>Picks a page.</summary>
    /// <param name="candidates">Columns of the candidates.</param>
    /// <param name="order">Indexes of candidates, best first.</param>
    /// <param name="served">Works served just before this page, oldest first: rules span the border.</param>
    /// <param name="rules">Rules, most important first.</param>
    /// <param name="count">Works wanted.</param>
    public static RuleOutcome Apply(ItemBlock candidates, IReadOnlyList<int> order, IReadOnlyList<ItemRow> served, IReadOnlyList<WindowRule> rules, int count)
    {
        var rows = candidates.Rows;
        var line = new List<ItemRow>(served);
        var rest = new List<int>(order);
        var picks = new List<int>(count);
        var relaxed = new int[rules.Count];
        while (picks.Count < count && rest.Count > 0)
        {
            var active = rules.Count;
            int at;
            while ((at = FirstThatFits(rows, rest, line, rules, active)) < 0)
                relaxed[--active]++;
            picks.Add(rest[at]);
            line.Add(rows[rest[at]]);
            rest.RemoveAt(at);
        }
        return new RuleOutcome(picks, relaxed);
    }

    /// <summary>Whether a work may follow a line of works under a rule. A work without a song breaks no song rule.</summary>
    public static bool Fits(in ItemRow item, List<ItemRow> line, WindowRule rule)
    {
        var value = ValueOf(item, rule.Field);
        if (value is null)
            return true;
        var same = 0;
        for (var i = line.Count - 1; i >= Math.Max(0, line.Count - (rule.In - 1)); i--)
        {
            if (ValueOf(line[i], rule.Field) == value)
                same++;
        }
        return same < rule.Max;
    }

    private static int FirstThatFits(ReadOnlySpan<ItemRow> rows, List<int> rest, List<ItemRow> line, IReadOnlyList<WindowRule> rules, int active)
    {
        for (var i = 0; i < rest.Count; i++)
        {
            var fits = true;
            for (var rule = 0; rule < active && fits; rule++)
                fits = Fits(rows[rest[i]], line, rules[rule]);
            if (fits)
                return i;
        }
        return -1;
    }

    private static ulong? ValueOf(in ItemRow item, string? field) => field switch
    {
        "creatorId" => item.Creator,
        "songId" => item.Song == 0 ? null : item.Song,
        "kind" => (ulong)item.Kind,
        _ => throw new ArgumentException($"window rules know creatorId, songId and kind, not {field}", nameof(field)),
    };
}
