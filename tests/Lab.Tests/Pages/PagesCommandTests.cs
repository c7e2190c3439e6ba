using KgOrleans.ClientTestSupport;
using KgOrleans.CommandLine;

namespace KgOrleans.Lab.Tests.Pages;

[Trait("Suite", "Unit")]
public sealed class PagesCommandTests : IAsyncLifetime
{
    private const string FirstPage = """
        {"requestId":"r-1","items":[{"itemId":"w1","position":0,"channels":["model"],"scores":{"recall":{"model":0.91234567890123},"fineRank":0.61,"final":0.7},"reasons":["model"],"features":{"age":[1]}}],
         "nextPageToken":"t2","degraded":[{"stage":"preRank","reason":"shardTimeout","detail":"after 31 ms"}],"modelVersion":"m7","sceneVersion":4,"tookMs":12.34}
        """;

    private const string SecondPage = """{"requestId":"r-2","items":[{"itemId":"w2","position":1,"channels":[],"scores":{"final":0.1},"reasons":[]}],"nextPageToken":"t3","degraded":[],"sceneVersion":4,"tookMs":1}""";

    private readonly TestFolder _folder = new();
    private FakeService _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await FakeService.StartAsync();
        _service.Pages[""] = FirstPage;
        _service.Pages["t2"] = SecondPage;
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return _service.DisposeAsync();
    }

    [Fact]
    public async Task Two_pages_of_every_user_and_scene_are_asked_as_dry_runs_of_one_time()
    {
        var run = await RecordAsync("a.json");
        Assert.Equal((ExitCode.Ok, "8 pages recorded, 4 of them degraded, 8 items"), (run.Exit, run.Out.Trim()));
        Assert.Equal(
            ["u0001 feed ", "u0001 feed t2", "u0001 live ", "u0001 live t2", "u0002 feed ", "u0002 feed t2", "u0002 live ", "u0002 live t2"],
            _service.Recommends.Select(
                r => $"{r.GetProperty("userId")} {r.GetProperty("scene")} {(r.TryGetProperty("pageToken", out var token) ? token.GetString() : "")}"));
        Assert.All(_service.Recommends, r => Assert.True(r.GetProperty("dryRun").GetBoolean() && r.GetProperty("explain").GetBoolean()));
        Assert.All(_service.Recommends, r => Assert.Equal(7, r.GetProperty("seed").GetInt64()));
        Assert.All(_service.Recommends, r => Assert.Equal(new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero), r.GetProperty("now").GetDateTimeOffset()));
    }

    [Fact]
    public async Task Recordings_of_equal_pages_are_equal_although_ids_times_and_tokens_differ()
    {
        await RecordAsync("a.json");
        _service.Pages[""] = FirstPage.Replace("r-1", "r-9", StringComparison.Ordinal).Replace("12.34", "99", StringComparison.Ordinal).Replace(
            "31 ms", "32 ms", StringComparison.Ordinal);
        _service.Pages["t2"] = SecondPage.Replace("t3", "t4", StringComparison.Ordinal);
        await RecordAsync("b.json");
        var run = await CompareAsync("a.json", "b.json");
        Assert.Equal((ExitCode.Ok, "8 pages equal"), (run.Exit, run.Out.Trim()));
    }

    [Fact]
    public async Task A_score_that_differs_in_its_last_digit_is_shown_and_fails()
    {
        await RecordAsync("a.json");
        _service.Pages[""] = FirstPage.Replace("0.91234567890123", "0.91234567890124", StringComparison.Ordinal);
        await RecordAsync("b.json");
        var run = await CompareAsync("a.json", "b.json", "--show", "1");
        Assert.Equal(ExitCode.Failed, run.Exit);
        Assert.Equal(
            ["user u0001, scene feed, page 1, position 0, scores.recall.model: 0.91234567890123 / 0.91234567890124", "4 differences on 4 pages of 8 and 8"],
            run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("nothing at all", "is not a recording")]
    [InlineData("""{"now":"2026-01-31T12:00:00Z","seed":1,"pages":[]}""", "holds no pages")]
    public async Task A_file_that_is_no_recording_is_refused(string text, string message)
    {
        var path = _folder.Write("a.json", text);
        var run = await LabRun.OfAsync("pages", "compare", path, path);
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--now yesterday")]
    [InlineData("--now 2026-01-31T12:00:00Z --scenes ,")]
    [InlineData("--now 2026-01-31T12:00:00Z --users 0")]
    public async Task Arguments_that_cannot_be_used_end_with_the_usage_code(string line)
    {
        var run = await LabRun.OfAsync(["pages", "record", "--url", _service.Url, "--out", Path.Combine(_folder.Path, "a.json"), .. line.Split(' ')]);
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.False(File.Exists(Path.Combine(_folder.Path, "a.json")));
    }

    private Task<LabRun> RecordAsync(string file) => LabRun.OfAsync(
        "pages", "record", "--url", _service.Url, "--users", "2", "--scenes", "feed,live", "--seed", "7", "--now", "2026-01-31T12:00:00Z", "--out",
        Path.Combine(_folder.Path, file));

    private Task<LabRun> CompareAsync(string first, string second, params string[] more) =>
        LabRun.OfAsync(["pages", "compare", Path.Combine(_folder.Path, first), Path.Combine(_folder.Path, second), .. more]);
}
