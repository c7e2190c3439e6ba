using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Grains.Tests.Properties;

/// <summary>A question that a chain of pages answers.</summary>
/// <param name="UserId">Who asks.</param>
/// <param name="Now">As of when.</param>
/// <param name="PageSize">Items a page.</param>
/// <param name="Filter">The request's own filter.</param>
/// <param name="Exclude">Items that the caller excludes.</param>
/// <param name="Seed">Seed of exploration.</param>
internal sealed record Question(string UserId, DateTimeOffset Now, int PageSize, TestFilter? Filter, string[] Exclude, long Seed);

/// <summary>A chain of pages, and everything that must hold of it, counted anew from the documents alone.</summary>
internal sealed class ServedChain(RandomWorld world, RandomScene scene, Question question, IReadOnlyList<RecommendAnswer> pages)
{
    private readonly ReRankSettings _rules = scene.Document.ReRank;

    public void AssertHolds()
    {
        var served = pages.SelectMany(p => p.Items).ToArray();
        Assert.All(pages, p => Assert.Empty(p.Degraded));
        Assert.Equal(Enumerable.Range(0, served.Length), served.Select(i => i.Position));
        Assert.Equal(served.Length, served.Select(i => i.ItemId).Distinct().Count());
        Assert.All(served, i => Assert.True(MayShow(i.ItemId), $"{i.ItemId} must not be shown to {question.UserId}"));
        Assert.All(served, AssertPropensity);
        var before = new List<string>();
        for (var number = 0; number < pages.Count; number++)
        {
            var page = pages[number];
            AssertRules(page, before);
            AssertCreatorCap(page);
            before.AddRange(page.Items.Select(i => i.ItemId));
        }
    }

    private bool MayShow(string itemId) => scene.MayShow(world.ById[itemId], question.UserId, question.Now) && !question.Exclude.Contains(itemId)
        && (question.Filter?.Matches(world.ById[itemId], question.Now) ?? true);

    // What the answer reports is exactly what gives way: neither a rule broken in silence, nor one reported that holds.
    private void AssertRules(RecommendAnswer page, List<string> before)
    {
        var expected = new Dictionary<string, int>();
        void Count(string name, int by)
        {
            if (by > 0)
                expected[name] = expected.GetValueOrDefault(name) + by;
        }
        for (var r = 0; r < _rules.Rules.Count; r++)
            Count(NameOf(_rules.Rules[r]), Breaks(page, before, _rules.Rules[r], scene.RuleFilters[r]));
        for (var s = 0; s < _rules.Shares.Count; s++)
            Count(NameOf(_rules.Shares[s]), ShortOf(page, _rules.Shares[s], scene.ShareFilters[s]));
        foreach (var pin in before.Count == 0 ? _rules.Pins : [])
        {
            if (pin.Position < page.Items.Length && MayShow(pin.ItemId))
                Assert.True(page.Items[pin.Position] is { Placement.Pinned: true } item && item.ItemId == pin.ItemId,
                    $"{pin.ItemId} does not stand at {pin.Position}");
            else
                Count($"pin {pin.ItemId} at {pin.Position}", 1);
        }
        Assert.Equal(expected.OrderBy(e => e.Key, StringComparer.Ordinal), page.Funnel!.RelaxedRules.OrderBy(e => e.Key, StringComparer.Ordinal));
    }

    private int Breaks(RecommendAnswer page, List<string> before, WindowRule rule, TestFilter? filter)
    {
        var line = scene.Session(question.UserId, question.Now).Where(id => !before.Contains(id)).Concat(before).Select(Value).ToList();
        var breaks = 0;
        foreach (var item in page.Items)
        {
            var value = Value(item.ItemId);
            line.Add(value);
            breaks += value is not null && line.TakeLast(rule.In).Count(v => v == value) > rule.Max ? 1 : 0;
        }
        return breaks;

        string? Value(string itemId) => filter is not null ? (filter.Matches(world.ById[itemId], question.Now) ? "matches" : null) : rule.Field switch
        {
            "creatorId" => world.ById[itemId].CreatorId,
            "songId" => world.ById[itemId].SongId,
            _ => world.ById[itemId].Kind.ToString(),
        };
    }

    private int ShortOf(RecommendAnswer page, ShareRule share, TestFilter? filter) => page.Items.Chunk(share.In).Sum(block =>
        Math.Max(0, (share.Min * block.Length / share.In) - block.Count(
            i => filter?.Matches(world.ById[i.ItemId], question.Now) ?? i.Channels.Contains(share.Channel!.Value.ToString().ToLowerInvariant()))));

    private void AssertCreatorCap(RecommendAnswer page)
    {
        if (scene.Document.Discovery.CreatorCap is > 0 and var cap)
            Assert.All(page.Items.Where(i => i.Placement is not { Pinned: true }).GroupBy(i => world.ById[i.ItemId].CreatorId), g =>
                Assert.InRange(g.Count(), 0, cap));
    }

    private void AssertPropensity(RecommendedItem item)
    {
        if (scene.Document.Exploration.Share == 0)
            Assert.Null(item.Scores.Propensity);
        else if (item.Scores.Propensity is { } propensity)
            Assert.InRange(propensity, double.Epsilon, 1);
    }

    private static string NameOf(WindowRule rule) => rule.Filter is { } filter ? $"max {rule.Max} of {Short(filter.GetRawText())} in {rule.In}"
        : $"max {rule.Max} per {rule.Field} in {rule.In}";

    private static string NameOf(ShareRule share) =>
        $"min {share.Min} of {(share.Filter is { } filter ? Short(filter.GetRawText()) : share.Channel!.Value.ToString().ToLowerInvariant())} in {share.In}";

    private static string Short(string text) => text.Length <= 120 ? text : text[..120] + "...";
}
