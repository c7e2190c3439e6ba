using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Ranking.Tests.ReRanking;

[Trait("Suite", "Unit")]
public sealed class TrafficWindowTests
{
    private static readonly TrafficShare[] Tenth = [new() { Least = 0.1, Most = 0.1 }];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(37)]
    public void What_rounding_leaves_over_is_the_next_pages(int length)
    {
        var window = new TrafficWindow(1);
        var (positions, served) = (0, 0);
        while (positions < 3 * TrafficWindow.Positions)
        {
            var quota = window.Quotas(Tenth, length).Quotas[0];
            window.Record(length, [quota.Least]);
            (positions, served) = (positions + length, served + quota.Least);
            // Less than one item a window, since a block that leaves may have had some more or less than its share.
            Assert.True(Math.Abs((0.1 * positions) - served) <= 1 + (positions / TrafficWindow.Positions), $"{served} of {positions}");
        }
        // Blocks hold whole pages.
        Assert.InRange(window.Counts()[0], TrafficWindow.Positions - 200, 1.2 * TrafficWindow.Positions);
    }

    [Fact]
    public void A_class_that_was_missing_for_long_has_at_most_three_times_its_share_of_a_page_when_it_is_back()
    {
        var window = new TrafficWindow(1);
        for (var page = 0; page < 2_000; page++)
            window.Record(10, [0]);
        Assert.Equal(new PageQuota(3, 3, 0), window.Quotas(Tenth, 10).Quotas[0] with { Phase = 0 });
        Assert.Equal(new PageQuota(30, 30, 0), window.Quotas(Tenth, 100).Quotas[0] with { Phase = 0 });
    }

    [Fact]
    public void A_class_that_had_too_much_has_nothing_until_the_window_is_back_at_its_share()
    {
        var window = new TrafficWindow(1);
        window.Record(100, [50]);
        var pages = 0;
        while (window.Quotas(Tenth, 10).Quotas[0].Most == 0)
        {
            window.Record(10, [0]);
            pages++;
        }
        // 50 of 500 positions are a tenth: the page that would end behind them may have an item again.
        Assert.Equal(40, pages);
    }

    [Fact]
    public void The_items_that_a_class_is_owed_stand_at_every_place_of_the_pages()
    {
        var window = new TrafficWindow(1);
        var places = new int[10];
        for (var page = 0; page < 1_000; page++)
        {
            var quota = window.Quotas(Tenth, 10).Quotas[0];
            places[Enumerable.Range(0, 10).First(p => quota.OwedBy(p, 10) == 1)]++;
            window.Record(10, [1]);
        }
        Assert.All(places, n => Assert.InRange(n, 95, 105));
        Assert.Equal([1, 1, 1, 2, 2, 2, 2, 3, 3, 3], Enumerable.Range(0, 10).Select(p => new PageQuota(3, 3, 0.1).OwedBy(p, 10)));
    }
}
