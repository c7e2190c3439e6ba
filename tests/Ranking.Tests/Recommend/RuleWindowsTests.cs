using CsCheck;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Recommend;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Ranking.Tests.Recommend;

[Trait("Suite", "Unit")]
public sealed class RuleWindowsTests
{
    private static readonly IReadOnlyList<WindowRule> ArticleRules = new ReRankSettings().Rules;

    private static readonly Gen<ItemRow> Row = Gen.Select(Gen.ULong[1, 4], Gen.ULong[0, 3], Gen.Int[0, 2])
        .Select((creator, song, kind) => new ItemRow { Creator = creator, Song = song, Kind = (ItemKind)kind });

    private static readonly Gen<WindowRule> Rule = Gen.Select(Gen.OneOf(Gen.Const("creatorId"), Gen.Const("songId"), Gen.Const("kind")), Gen.Int[1, 3], Gen.Int[2, 5])
        .Select((field, max, length) => new WindowRule { Field = field, Max = max, In = length });

    [Fact]
    public void Each_position_takes_the_first_work_that_breaks_the_fewest_and_least_important_rules() =>
        Gen.Select(Row.Array[0, 24], Row.Array[0, 6], Rule.Array[0, 4], Gen.Int[0, 26]).Sample((rows, served, rules, count) =>
        {
            var order = Enumerable.Range(0, rows.Length).Reverse().ToArray();
            var outcome = RuleWindows.Apply(Block(rows), order, served, rules, count);
            Assert.Equal(Math.Min(count, rows.Length), outcome.Order.Count);

            var line = served.ToList();
            var rest = order.ToList();
            var relaxed = new int[rules.Length];
            foreach (var pick in outcome.Order)
            {
                // The number of leading rules that hold is as large as any remaining work allows.
                var leading = rest.ConvertAll(i => LeadingRulesKept(line, rows[i], rules));
                var most = leading.Max();
                Assert.Equal(rest[leading.FindIndex(l => l >= most)], pick);
                for (var rule = most; rule < rules.Length; rule++)
                    relaxed[rule]++;
                line.Add(rows[pick]);
                rest.Remove(pick);
            }
            Assert.Equal(relaxed, outcome.Relaxed);
        }, iter: 2_000);

    [Fact]
    public void Neighbours_never_share_creator_or_song_while_another_work_could_stand_there() =>
        Gen.Select(Row.Array[1, 24], Row).Sample((rows, last) =>
        {
            var outcome = RuleWindows.Apply(Block(rows), [.. Enumerable.Range(0, rows.Length)], [last], ArticleRules, rows.Length);
            var before = last;
            var rest = Enumerable.Range(0, rows.Length).ToList();
            foreach (var pick in outcome.Order)
            {
                if (Clash(before, rows[pick]))
                    Assert.All(rest, i => Assert.True(Clash(before, rows[i])));
                if (before.Creator == rows[pick].Creator)
                    Assert.All(rest, i => Assert.Equal(before.Creator, rows[i].Creator));
                rest.Remove(pick);
                before = rows[pick];
            }
            Assert.Empty(rest);

            static bool Clash(ItemRow a, ItemRow b) => a.Creator == b.Creator || (a.Song != 0 && a.Song == b.Song);
        }, iter: 2_000);

    [Fact]
    public void The_last_rule_gives_way_first_and_each_time_is_counted()
    {
        // Same song, other creator: the song rule gives way; then only the same creator is left: both do.
        var outcome = RuleWindows.Apply(Block(Of(1, 1), Of(1, 2), Of(2, 1)), [0, 1, 2], [], ArticleRules, 3);
        Assert.Equal([0, 2, 1], outcome.Order);
        Assert.Equal([0, 1], outcome.Relaxed);
        outcome = RuleWindows.Apply(Block(Of(1, 1), Of(1, 2)), [0, 1], [], ArticleRules, 2);
        Assert.Equal([1, 1], outcome.Relaxed);
    }

    [Fact]
    public void Rules_span_the_border_to_what_was_served_before()
    {
        Assert.Equal([1, 0], RuleWindows.Apply(Block(Of(1, 1), Of(2, 2)), [0, 1], [Of(1, 9)], ArticleRules, 2).Order);
        Assert.Equal([1, 0], RuleWindows.Apply(Block(Of(1, 1), Of(2, 2)), [0, 1], [Of(9, 1)], ArticleRules, 2).Order);
        Assert.Equal([0, 1], RuleWindows.Apply(Block(Of(1, 1), Of(2, 2)), [0, 1], [Of(1, 1), Of(9, 9)], ArticleRules, 2).Order);
        Assert.Equal([1, 0], RuleWindows.Apply(Block(Of(1, 1), Of(2, 2)), [0, 1], [Of(1, 1), Of(9, 9)], [new WindowRule { Field = "creatorId", Max = 1, In = 3 }], 2).Order);
    }

    [Fact]
    public void Works_without_a_song_do_not_collide()
    {
        var outcome = RuleWindows.Apply(Block(Of(1, 0), Of(2, 0), Of(3, 0)), [0, 1, 2], [Of(9, 0)], ArticleRules, 3);
        Assert.Equal([0, 1, 2], outcome.Order);
        Assert.Equal([0, 0], outcome.Relaxed);
    }

    [Fact]
    public void A_rule_over_an_unknown_field_throws() =>
        Assert.Throws<ArgumentException>(() => RuleWindows.Apply(Block(Of(1, 1)), [0], [], [new WindowRule { Field = "tone", Max = 1, In = 2 }], 1));

    private static ItemRow Of(ulong creator, ulong song) => new() { Creator = creator, Song = song };

    private static ItemBlock Block(params ItemRow[] rows)
    {
        var block = new ItemBlock(rows.Length, 0, 0);
        rows.CopyTo(block.Rows);
        return block;
    }

    private static int LeadingRulesKept(List<ItemRow> line, ItemRow next, WindowRule[] rules)
    {
        var kept = 0;
        foreach (var rule in rules)
        {
            var window = line.TakeLast(rule.In - 1).Append(next).Select(r => ValueOf(r, rule.Field));
            if (ValueOf(next, rule.Field) is { } value && window.Count(v => v == value) > rule.Max)
                break;
            kept++;
        }
        return kept;
    }

    private static ulong? ValueOf(ItemRow row, string? field) =>
        field == "creatorId" ? row.Creator : field == "kind" ? (ulong)row.Kind : row.Song == 0 ? null : row.Song;
}
