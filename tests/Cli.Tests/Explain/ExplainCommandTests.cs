using KgOrleans.ClientTestSupport;
using KgOrleans.CommandLine;

namespace KgOrleans.Cli.Tests.Explain;

[Trait("Suite", "Unit")]
public sealed class ExplainCommandTests : IAsyncLifetime
{
    private const string Record = """
        {"requestId":"r7","at":"2026-01-02T03:04:05Z","userId":"u0001","scene":"feed","pageSize":10,"continued":true,"dryRun":false,"excluded":3,"filter":{"field":"kind","eq":"video"},"context":{"city":"GD","hour":7},"labels":{"surface":"tv"},
         "answer":{"requestId":"r7","items":[
           {"itemId":"w1","position":10,"channels":["model","social"],"scores":{"recall":{"model":0.91234,"social":2},"preRank":1.5,"fineRank":0.61,"objectives":{"play":0.42},"final":0.7,"diversityGain":-0.25,"propensity":0.125},
            "reasons":["tag:ballad"],"features":{"item.quality":[0.625]},"moves":["pinned"]},
           {"itemId":"w2","position":11,"channels":["hot"],"scores":{"recall":{"hot":3},"final":0.2},"reasons":["coldStart"]}],
          "degraded":[{"stage":"recall","reason":"shardTimeout","detail":"shards 3"}],"modelVersion":"m7","sceneVersion":4,"tookMs":12.34,
          "funnel":{"stages":[{"stage":"recall","in":50000,"out":3000,"tookMs":4.5},{"stage":"preRank","in":600,"out":300,"tookMs":1,"dropped":{"creatorCap":41}}],
            "dropped":{"seenOrExcluded":1234,"hidden":0},"channels":{"model":1200,"social":77},"relaxedRules":{"max 1 per songId in 2":5},"userStateVersion":99,"features":{"user.isKnown":[1]}}}}
        """;

    private FakeService _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await FakeService.StartAsync();
        _service.Requests["r7"] = Record;
    }

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Fact]
    public async Task A_request_shows_its_stages_drops_channels_and_every_score_of_every_item()
    {
        var run = await CliRun.OfAsync("explain", "r7", "--url", _service.Url);
        Assert.Equal((ExitCode.Ok, ""), (run.Exit, run.Error));
        foreach (var text in (string[])[
            "request r7 of 2026-01-02 03:04:05Z", "u0001 in feed", "a further page", "model m7, scene version 4, user state 99", "3 items excluded",
            "\"hour\":7", "label surface: tv", "\"eq\":\"video\"",
            "50,000", "41 creatorCap", "seenOrExcluded", "1,234", "social", "77", "max 1 per songId in 2", "w1", "model 0.912", "social 2.000", "1.500",
            "play 0.420", "0.610", "0.700", "-0.250", "tag:ballad",
            "Degraded", "recall: shardTimeout (shards 3)"])
            Assert.Contains(text, run.Out);
        Assert.DoesNotContain("hidden", run.Out);
        Assert.DoesNotContain("item.quality", run.Out);
    }

    [Fact]
    public async Task What_a_newer_service_adds_to_a_work_is_shown_by_its_name()
    {
        var run = await CliRun.OfAsync("explain", "r7", "--url", _service.Url);
        Assert.Contains("propensity 0.125", run.Out);
        Assert.Contains("moves [\"pinned\"]", run.Out);
    }

    [Fact]
    public async Task Features_are_shown_when_asked_for()
    {
        var run = await CliRun.OfAsync("explain", "r7", "--url", _service.Url, "--features");
        foreach (var text in (string[])["Features of w1", "item.quality", "0.625", "user.isKnown"])
            Assert.Contains(text, run.Out);
        Assert.DoesNotContain("Features of w2", run.Out);
    }

    [Fact]
    public async Task Json_is_the_record_as_it_came() =>
        Assert.Equal(Record, (await CliRun.OfAsync("explain", "r7", "--url", _service.Url, "--json")).Out.TrimEnd('\n'));

    [Theory]
    [InlineData("r8", "does not remember request r8")]
    [InlineData("no id", "is not the id of a request")]
    public async Task A_request_that_is_not_remembered_is_said_to_be_so(string id, string message)
    {
        var run = await CliRun.OfAsync("explain", id, "--url", _service.Url);
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Contains(message, run.Error);
    }
}
