using KgOrleans.ClientTestSupport;
using KgOrleans.CommandLine;

namespace KgOrleans.Cli.Tests.Scenes;

[Trait("Suite", "Unit")]
public sealed class ScenesCommandTests : IAsyncLifetime
{
    private const string List = """
        {"scenes":[{"scene":"feed","version":1,"builtIn":true,"document":{"scene":"feed","description":"The [bold] feed\u001b"}},
                   {"scene":"kids","version":7,"builtIn":false,"writtenAt":"2026-01-31T12:00:00Z","restoredFrom":4,"document":{"scene":"kids"}}]}
        """;

    private readonly string _file = Path.GetTempFileName();
    private FakeService _service = null!;

    public async ValueTask InitializeAsync()
    {
        _service = await FakeService.StartAsync();
        await File.WriteAllTextAsync(_file, """{"deadlineMs":500}""");
    }

    public async ValueTask DisposeAsync()
    {
        File.Delete(_file);
        await _service.DisposeAsync();
    }

    [Fact]
    public async Task A_list_shows_versions_origins_and_descriptions()
    {
        _service.Scenes["GET /v1/scenes"] = (200, List);

        var run = await RunAsync("list");

        Assert.Equal(ExitCode.Ok, run.Exit);
        foreach (var text in (string[])["feed", "built in", "The [bold] feed", "kids", "7", "2026-01-31 12:00:00Z, as version 4"])
            Assert.Contains(text, run.Out);
        Assert.DoesNotContain(run.Out, c => char.IsControl(c) && c is not ('\n' or '\r'));
        Assert.Equal(List, (await RunAsync("list", "--json")).Out.TrimEnd('\n', '\r'));
    }

    [Fact]
    public async Task A_document_comes_as_it_is_put_and_its_version_beside_it()
    {
        _service.Scenes["GET /v1/scenes/kids"] = (200, """{"scene":"kids","version":7,"builtIn":false,"writtenAt":"2026-01-31T12:00:00Z","document":{"scene":"kids","description":"点歌"}}""");
        _service.Scenes["GET /v1/scenes/kids/versions/3"] = (200, """{"scene":"kids","version":3,"builtIn":false,"writtenAt":"2026-01-31T12:00:00Z","document":{"scene":"older"}}""");

        var run = await RunAsync("get", "kids");

        var document = System.Text.Json.JsonElement.Parse(run.Out);
        Assert.Equal(["scene", "description"], document.EnumerateObject().Select(m => m.Name));
        Assert.Contains("点歌", run.Out);
        Assert.Contains("version 7", run.Error);
        Assert.Contains("older", (await RunAsync("get", "kids", "3")).Out);
    }

    [Fact]
    public async Task A_file_is_put_under_the_version_that_was_asked_for()
    {
        _service.Scenes["PUT /v1/scenes/kids"] = (200, """{"id":"kids","version":8}""");

        var run = await RunAsync("put", "kids", _file, "--if-match", "7");

        Assert.Equal((ExitCode.Ok, "kids is at version 8"), (run.Exit, run.Out.Trim()));
        Assert.Equal(("""{"deadlineMs":500}""", "\"7\""), Assert.Single(_service.SceneWrites));
    }

    [Fact]
    public async Task Every_problem_of_a_document_is_shown()
    {
        _service.Scenes["PUT /v1/scenes/kids?validateOnly=true"] = (400, """{"title":"The request breaks rules","detail":"2 errors","errors":[{"field":"reRank.theta","code":"outOfRange","message":"is 1"},{"field":"recal","code":"unknownMember","message":"is not known here"}]}""");

        var run = await RunAsync("validate", "kids", _file);

        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Contains("reRank.theta: is 1", run.Error);
        Assert.Contains("recal: is not known here", run.Error);
    }

    [Theory]
    [InlineData(0, "valid: it would be a new scene")]
    [InlineData(7, "valid: it would replace version 7")]
    public async Task A_valid_document_says_what_it_would_replace(int version, string text)
    {
        _service.Scenes["PUT /v1/scenes/kids?validateOnly=true"] = (200, $$"""{"scene":"kids","valid":true,"currentVersion":{{version}}}""");
        Assert.Equal((ExitCode.Ok, text), ((await RunAsync("validate", "kids", _file)) is var run ? run.Exit : 0, run.Out.Trim()));
    }

    [Fact]
    public async Task Versions_are_listed_and_one_is_restored()
    {
        _service.Scenes["GET /v1/scenes/kids/versions"] = (200, """{"scene":"kids","versions":[{"version":5,"builtIn":false,"writtenAt":"2026-01-31T12:00:00Z","restoredFrom":2},{"version":1,"builtIn":true}]}""");
        _service.Scenes["POST /v1/scenes/kids/versions/2/restore"] = (200, """{"id":"kids","version":6}""");

        var versions = await RunAsync("versions", "kids");
        Assert.Contains("as version 2", versions.Out);
        Assert.Contains("built in", versions.Out);

        var restored = await RunAsync("restore", "kids", "2");
        Assert.Equal((ExitCode.Ok, "kids is at version 6, as version 2"), (restored.Exit, restored.Out.Trim()));
        Assert.Equal("", Assert.Single(_service.SceneWrites).IfMatch);
    }

    [Fact]
    public async Task An_unknown_scene_and_a_file_that_is_not_there_are_the_callers_fault()
    {
        Assert.Equal(ExitCode.Usage, (await RunAsync("get", "nope")).Exit);
        var run = await RunAsync("put", "kids", "/nowhere/file.json");
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Contains("no such file", run.Error);
    }

    private Task<CliRun> RunAsync(params string[] args) => CliRun.OfAsync(["scenes", .. args, "--url", _service.Url]);
}
