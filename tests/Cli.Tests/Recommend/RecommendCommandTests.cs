using KgOrleans.ClientTestSupport;
using KgOrleans.CommandLine;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Cli.Tests.Recommend;

[Trait("Suite", "Unit")]
public sealed class RecommendCommandTests : IAsyncLifetime
{
    private const string FirstPage = """
        {"requestId":"r-1","items":[
          {"itemId":"w1","position":0,"channels":["model","tag"],"scores":{"recall":{"model":0.91234},"preRank":1.5,"fineRank":0.61,"objectives":{"play":0.42,"like":0.105},"final":0.7},"reasons":["tag:ballad","model"]},
          {"itemId":"gone","position":1,"channels":["hot"],"scores":{"recall":{"hot":3},"final":0.2},"reasons":["coldStart"]}],
         "nextPageToken":"t2","degraded":[{"stage":"preRank","reason":"shardTimeout","detail":"shards 3, 7"}],"modelVersion":"m7","sceneVersion":4,"experiments":{"x":"b"},"tookMs":12.34,"added":"later",
         "funnel":{"stages":[{"stage":"recall","in":50000,"out":3000,"tookMs":4.5}],"dropped":{"seen":12}}}
        """;

    private FakeService _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await FakeService.StartAsync();
        _service.Items["w1"] = new ItemDocument
        {
            ItemId = "w1",
            CreatorId = "c9",
            SongId = "s5",
            Title = "Rain [live]",
            Tags = ["ballad", "90s", "live", "duet", "slow"],
        };
        _service.Pages[""] = FirstPage;
        _service.Pages["t2"] = """{"requestId":"r-2","items":[],"degraded":[],"sceneVersion":4,"tookMs":1}""";
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_page_shows_where_every_work_comes_from()
    {
        var run = await CliRun.OfAsync("recommend", "u0001", "--url", _service.Url);
        Assert.Equal(ExitCode.Ok, run.Exit);
        foreach (var text in (string[])["u0001 in feed", "Rain [live]", "w1", "c9", "s5", "ballad", "+1", "model 0.912", "tag", "1.500", "play 0.420", "like 0.105", "0.700", "tag:ballad", "r-1", "model m7", "scene version 4", "x=b", "12.3 ms"])
            Assert.Contains(text, run.Out);
        var rows = run.Out.Split('\n');
        Assert.Contains(rows, r => r.Contains("│ 1 │") && r.Contains("Rain"));
        Assert.Contains(rows, r => r.Contains("gone") && r.Contains("not found"));
    }

    [Fact]
    public async Task Degradation_and_cold_start_are_said_plainly()
    {
        var run = await CliRun.OfAsync("recommend", "u0001", "--url", _service.Url);
        Assert.Contains("Degraded", run.Out);
        Assert.Contains("preRank: shardTimeout (shards 3, 7)", run.Out);
        Assert.Contains("Cold start", run.Out);
    }

    [Fact]
    public async Task A_title_cannot_drive_the_terminal()
    {
        _service.Items["w1"] = _service.Items["w1"] with { Title = "Rain\u001b]0;owned\u0007\u001b[31m" };
        var run = await CliRun.OfAsync("recommend", "u0001", "--url", _service.Url);
        Assert.Contains("Rain", run.Out);
        Assert.DoesNotContain(run.Out, c => char.IsControl(c) && c is not ('\n' or '\r'));
    }

    [Fact]
    public async Task Explain_shows_the_funnel()
    {
        var run = await CliRun.OfAsync("recommend", "u0001", "--url", _service.Url, "--explain");
        Assert.Contains("50,000", run.Out);
        Assert.Contains("not eligible: 12 seen", run.Out);
        Assert.True(_service.Recommends[0].GetProperty("explain").GetBoolean());
    }

    [Fact]
    public async Task Pages_follow_the_token_until_there_is_none()
    {
        var run = await CliRun.OfAsync("recommend", "u0001", "--url", _service.Url, "--pages", "3", "--page-size", "2", "--scene", "duet");
        Assert.Equal(ExitCode.Ok, run.Exit);
        Assert.Equal([null, "t2"], _service.Recommends.Select(r => r.TryGetProperty("pageToken", out var t) ? t.GetString() : null));
        Assert.All(_service.Recommends, r => Assert.Equal((2, "duet"), (r.GetProperty("pageSize").GetInt32(), r.GetProperty("scene").GetString())));
        Assert.Contains("2 of the 3", run.Out);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_look_changes_nothing_unless_asked_to(bool live)
    {
        await CliRun.OfAsync(["recommend", "u0001", "--url", _service.Url, .. live ? (string[])["--live"] : []]);
        Assert.Equal(!live, _service.Recommends.Single().TryGetProperty("dryRun", out var dry) && dry.GetBoolean());
    }

    [Fact]
    public async Task Json_is_the_answer_as_it_came()
    {
        var run = await CliRun.OfAsync("recommend", "u0001", "--url", _service.Url, "--json");
        Assert.Equal(FirstPage, run.Out.TrimEnd('\n', '\r'));
    }

    [Fact]
    public async Task An_error_is_readable_and_exit_code_2_when_it_is_the_callers()
    {
        _service.Pages.Clear();
        var run = await CliRun.OfAsync("recommend", "u0001", "--url", _service.Url, "--scene", "nowhere");
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Contains("404 unknown scene: there is no scene 'nowhere'", run.Error);
    }
}
