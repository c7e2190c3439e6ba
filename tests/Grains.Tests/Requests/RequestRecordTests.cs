using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Serving;

namespace KgOrleans.Grains.Tests.Requests;

[Trait("Suite", "Cluster")]
public sealed class RequestRecordTests
{
    [Fact]
    public async Task A_real_request_leaves_a_record_that_says_how_its_page_came_about()
    {
        await using var node = await TestNode.StartAsync(settings: TestNode.WithModel());
        await node.PutAsync(SampleCatalogue.Items(300));
        await node.PutUserAsync(SampleUsers.Fan("u1", "rock"));
        var context = new ServingContext { City = "GD", SongId = "s1", Hour = 7, Device = "phone" };
        var page = await node.PageAsync("u1", c => c with
        {
            RequestId = "real",
            DryRun = false,
            Explain = false,
            Exclude = ["w1"],
            Context = context,
            Labels = new() { ["surface"] = "tv", ["build"] = "自由 7" },
        });
        Assert.Null(page.Funnel);
        Assert.All(page.Items, i => Assert.Null(i.Features));

        var record = (await FindAsync(node, "real"))!;
        Assert.Equal(("u1", "feed", 10, 1, false), (record.UserId, record.Scene, record.PageSize, record.Excluded, record.DryRun));
        Assert.Equal(context, record.Context);
        Assert.Equal(new Dictionary<string, string> { ["surface"] = "tv", ["build"] = "自由 7" }, record.Labels);
        Assert.Empty(record.Answer.Experiments);
        Assert.Equal(page.Items.Select(i => i.ItemId), record.Answer.Items.Select(i => i.ItemId));
        Assert.All(record.Answer.Items, i =>
        {
            Assert.NotEmpty(i.Channels);
            Assert.NotEmpty(i.Scores.Objectives);
        });
        var funnel = record.Answer.Funnel!;
        Assert.Contains(funnel.Stages, s => s.Stage == "fineRank" && s.In >= s.Out && s.Out > 0);
        Assert.Equal(1, funnel.Dropped["seenOrExcluded"]);
        Assert.True(funnel.Channels["hot"] > 0);
        Assert.Equal(1, funnel.UserStateVersion);
    }

    [Fact]
    public async Task A_dry_run_leaves_a_record_when_it_asks_to_be_explained_with_what_the_ranker_was_fed()
    {
        await using var node = await TestNode.StartAsync(settings: TestNode.WithModel());
        var items = SampleCatalogue.Items(300);
        await node.PutAsync(items);
        await node.PutUserAsync(SampleUsers.Fan("u1", "rock"));
        await node.PageAsync("u1", c => c with { RequestId = "silent", Explain = false });
        Assert.Null(await FindAsync(node, "silent"));

        var page = await node.PageAsync("u1", c => c with { RequestId = "told" });
        var record = (await FindAsync(node, "told"))!;
        Assert.Equal(page.Items.Select(i => i.ItemId), record.Answer.Items.Select(i => i.ItemId));
        foreach (var item in record.Answer.Items)
        {
            var document = items.Single(d => d.ItemId == item.ItemId);
            Assert.Equal((float)document.Quality!.Value, Assert.Single(item.Features!["item.quality"]), 1e-6f);
            Assert.Equal(document.Tags[0] == "rock", item.Features["cross.tagWeight"][0] > 0);
        }
        Assert.Equal([1f], record.Answer.Funnel!.Features!["user.isKnown"]);
    }

    [Fact]
    public async Task The_callers_hour_changes_what_the_ranker_is_fed_and_gives_and_its_absence_changes_nothing()
    {
        await using var node = await TestNode.StartAsync(settings: TestNode.WithModel());
        await node.PutAsync(SampleCatalogue.Items(300));
        await node.PutUserAsync(SampleUsers.Fan("u1", "rock"));
        var now = new DateTimeOffset(DateTime.UtcNow.Date.AddDays(1).AddHours(6), TimeSpan.Zero).ToUnixTimeMilliseconds();
        Task<RecommendAnswer> PageAsync(ServingContext? context) => node.PageAsync("u1", c => c with { Now = now, Context = context });

        var plain = await PageAsync(null);
        var device = await PageAsync(new ServingContext { Device = "phone" });
        Assert.Equal(Fine(plain), Fine(device));
        Assert.Equal([1f], plain.Funnel!.Features!["context.hourSin"], (a, b) => Math.Abs(a - b) < 1e-6f);

        var evening = await PageAsync(new ServingContext { Hour = 18 });
        Assert.Equal([-1f], evening.Funnel!.Features!["context.hourSin"], (a, b) => Math.Abs(a - b) < 1e-6f);
        Assert.NotEqual(Fine(plain), Fine(evening));

        static IEnumerable<(string, double?, double)> Fine(RecommendAnswer page) =>
            page.Items.Select(i => (i.ItemId, i.Scores.FineRank, i.Scores.Final)).OrderBy(i => i.ItemId, StringComparer.Ordinal);
    }

    [Fact]
    public async Task Unknown_requests_are_not_found()
    {
        await using var node = await TestNode.StartAsync();
        Assert.Null(await FindAsync(node, "r404"));
    }

    private static Task<RequestRecord?> FindAsync(TestNode node, string id) => node.Grains.GetGrain<ICoordinatorGrain>(0).FindRequest(id, default);
}
