using CsCheck;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Scenes;
using KgOrleans.TestSupport;

namespace KgOrleans.Ranking.Tests.ReRanking;

[Trait("Suite", "Unit")]
public sealed class RuleStateTests
{
    private static readonly WindowRule[] ArticleRules = [.. new ReRankSettings().Rules];

    [Fact]
    public void Every_page_is_the_one_that_the_rules_as_documented_give()
    {
        RuleCase.Any.Sample(c =>
        {
            var expected = new NaiveRules(c).Run();
            var state = new RuleState();
            // A workspace remembers nothing of another page.
            uint[] shares = c.Minimums.Length == 0 ? [] : new uint[c.Context.Length];
            (c with { Context = c.Items, Items = c.Context, Values = new float[c.Context.Length], Shares = shares, Pins = [] }).Run(state);
            var actual = c.Run(state);
            Assert.Equal(expected.Order, actual.Order);
            Assert.Equal(expected.Promoted, actual.Promoted);
            Assert.Equal(expected.Relaxed, actual.Relaxed);
        }, iter: 20_000);
    }

    [Fact]
    public void Neighbours_never_share_creator_or_song_while_another_item_could_stand_there() =>
        Gen.Select(RuleCase.Item.Array[1, 24], RuleCase.Item).Sample((items, last) =>
        {
            var (order, _, _) = Run(items, ArticleRules, context: [last]);
            var before = last;
            var rest = Enumerable.Range(0, items.Length).ToList();
            foreach (var pick in order)
            {
                if (before.Creator == items[pick].Creator)
                    Assert.All(rest, i => Assert.Equal(before.Creator, items[i].Creator));
                if (Clash(before, items[pick]))
                    Assert.All(rest, i => Assert.True(Clash(before, items[i])));
                rest.Remove(pick);
                before = items[pick];
            }
            Assert.Empty(rest);

            static bool Clash(RuleItem a, RuleItem b) => a.Creator == b.Creator || (a.Song != 0 && a.Song == b.Song);
        }, iter: 2_000);

    [Fact]
    public void The_last_rule_gives_way_first_and_each_time_is_counted()
    {
        // Same song, other creator: the song rule gives way.
        var (order, _, relaxed) = Run([Of(1, 1), Of(1, 2), Of(2, 1)], ArticleRules);
        Assert.Equal([0, 2, 1], order);
        Assert.Equal([0, 1], relaxed);
        // A rule that gives way takes no other with it.
        (order, _, relaxed) = Run([Of(1, 1), Of(1, 1), Of(1, 2)], ArticleRules);
        Assert.Equal([0, 2, 1], order);
        Assert.Equal([2, 0], relaxed);
    }

    [Fact]
    public void A_minimum_share_gives_way_before_any_window_rule()
    {
        WindowRule[] windows = [new() { Field = "creatorId", Max = 1, In = 2 }];
        ShareRule[] shares = [new() { Channel = RecallChannel.Fresh, Min = 2, In = 2 }];
        // Only items of creator 1 count for the share: two of them in a row would break the rule.
        var (order, promoted, relaxed) = Run([Of(2, 0), Of(1, 0), Of(1, 0), Of(3, 0)], windows, shares: [0, 1, 1, 0], minimums: shares, length: 2);
        Assert.Equal([1, 0], order);
        Assert.Equal([1], promoted);
        Assert.Equal([0, 1], relaxed);
    }

    [Fact]
    public void A_share_waits_until_it_must_and_keeps_the_best_items_before_it()
    {
        ShareRule[] shares = [new() { Channel = RecallChannel.Fresh, Min = 1, In = 3 }];
        RuleItem[] items = [Of(1, 0), Of(2, 0), Of(3, 0), Of(4, 0), Of(5, 0), Of(6, 0)];
        var (order, promoted, relaxed) = Run(items, [], shares: [0, 0, 0, 1, 1, 0], minimums: shares, length: 6);
        Assert.Equal([0, 1, 3, 2, 4, 5], order);
        Assert.Equal([3], promoted);
        Assert.Equal([0], relaxed);
    }

    [Fact]
    public void A_pin_stands_where_it_is_pinned_and_the_rules_keep_its_neighbours_away()
    {
        var (order, _, relaxed) = Run([Of(1, 0), Of(2, 0), Of(3, 0), Of(1, 0)], ArticleRules, pins: [new(3, 1)]);
        Assert.Equal([1, 3, 2, 0], order);
        Assert.Equal([0, 0], relaxed);
        // Two pins of one creator side by side break the rule, and that is said.
        (order, _, relaxed) = Run([Of(1, 0), Of(2, 0), Of(1, 0)], ArticleRules, pins: [new(2, 0), new(0, 1)]);
        Assert.Equal([2, 0, 1], order);
        Assert.Equal([1, 0], relaxed);
    }

    [Fact]
    public void Rules_span_the_border_to_what_was_served_before()
    {
        Assert.Equal([1, 0], Run([Of(1, 1), Of(2, 2)], ArticleRules, context: [Of(1, 9)]).Order);
        Assert.Equal([1, 0], Run([Of(1, 1), Of(2, 2)], ArticleRules, context: [Of(9, 1)]).Order);
        Assert.Equal([0, 1], Run([Of(1, 1), Of(2, 2)], ArticleRules, context: [Of(1, 1), Of(9, 9)]).Order);
        Assert.Equal([1, 0], Run([Of(1, 1), Of(2, 2)], [new WindowRule { Field = "creatorId", Max = 1, In = 3 }], context: [Of(1, 1), Of(9, 9)]).Order);
    }

    [Fact]
    public void Items_without_a_song_do_not_collide()
    {
        var (order, _, relaxed) = Run([Of(1, 0), Of(2, 0), Of(3, 0)], ArticleRules, context: [Of(9, 0)]);
        Assert.Equal([0, 1, 2], order);
        Assert.Equal([0, 0], relaxed);
    }

    [Fact]
    public void A_value_that_is_not_a_number_comes_last()
    {
        var c = new RuleCase([Of(1, 0), Of(2, 0), Of(3, 0)], [float.NaN, 0.1f, 0.2f], [], [], [], [], 3, []);
        Assert.Equal([2, 1, 0], c.Run().Order);
    }

    [Fact]
    public void A_rule_over_an_unknown_field_and_too_many_rules_are_refused()
    {
        Assert.Throws<FormatException>(() => RuleCase.Set([new WindowRule { Field = "tone", Max = 1, In = 2 }], []));
        Assert.Throws<FormatException>(() => RuleCase.Set([.. Enumerable.Repeat(ArticleRules[0], 33)], []));
    }

    [Fact]
    public void Rules_are_named_as_people_say_them()
    {
        var filter = System.Text.Json.JsonSerializer.SerializeToElement(new { field = "kind", eq = "live" });
        var rules = RuleCase.Set([ArticleRules[0], new() { Filter = filter, Max = 3, In = 10 }], [new() { Channel = RecallChannel.Fresh, Min = 1, In = 10 }]);
        Assert.Equal(["max 1 per creatorId in 2", """max 3 of {"field":"kind","eq":"live"} in 10""", "min 1 of fresh in 10"], rules.Names);
        Assert.Equal(9, rules.LookBack);
    }

    [Fact]
    public void A_warm_state_allocates_nothing()
    {
        var random = new Random(1);
        RuleItem[] items = [.. Enumerable.Range(0, 300)
            .Select(_ => new RuleItem((ulong)random.Next(1, 40), (ulong)random.Next(30), 0, (uint)random.Next(256)))];
        float[] values = [.. items.Select(_ => random.NextSingle())];
        WindowRule[] windows = [.. ArticleRules, .. Enumerable.Range(2, 6)
            .Select(n => new WindowRule { Field = n % 2 == 0 ? "creatorId" : "songId", Max = 2, In = n + 2 })];
        ShareRule[] minimums = [new() { Channel = RecallChannel.Fresh, Min = 2, In = 10 }];
        uint[] shares = [.. items.Select(_ => (uint)random.Next(10) / 9)];
        var rules = RuleCase.Set(windows, minimums);
        var state = new RuleState();
        PinnedItem[] pins = [new(7, 3)];
        Assert.Equal(0, Allocations.AfterWarmUp(Page));

        void Page()
        {
            state.Begin(rules, items, shares, items.AsSpan(0, 9), 100, pins);
            while (!state.IsComplete)
                state.Place(state.Choose(values, out _));
        }
    }

    private static RuleItem Of(ulong creator, ulong song) => new(creator, song, 0, 0);

    // Values fall, so that items stand in their order unless a rule says otherwise.
    private static (List<int> Order, List<int> Promoted, int[] Relaxed) Run(
        RuleItem[] items,
        WindowRule[] windows,
        RuleItem[]? context = null,
        uint[]? shares = null,
        ShareRule[]? minimums = null,
        int? length = null,
        PinnedItem[]? pins = null)
    {
        float[] values = [.. items.Select((_, i) => -(float)i)];
        return new RuleCase(items, values, shares ?? [], context ?? [], windows, minimums ?? [], length ?? items.Length, pins ?? []).Run();
    }
}
