using KgOrleans.Api.Tests.Fakes;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Api.Tests;

[Trait("Suite", "Unit")]
public sealed class SceneTests : IAsyncLifetime
{
    private const string Videos = """{"description":"videos","discovery":{"kinds":["video"]}}""";

    private ApiHost _host = null!;

    public async ValueTask InitializeAsync() => _host = await ApiHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Built_in_scenes_are_listed_at_version_1()
    {
        var scenes = (await _host.SendAsync("GET", "/v1/scenes")).Json.GetProperty("scenes").EnumerateArray().ToArray();

        Assert.Equal(BuiltInScenes.All.Keys.Order(), scenes.Select(s => s.GetProperty("scene").GetString()));
        Assert.All(scenes, s => Assert.True(s.GetProperty("builtIn").GetBoolean() && s.GetProperty("version").GetInt32() == 1));
    }

    [Fact]
    public async Task A_new_scene_is_created_then_replaced_and_keeps_its_versions()
    {
        var created = await PutAsync("kids", Videos);
        Assert.Equal((201, "\"1\""), (created.Status, created.ETag));
        var replaced = await PutAsync("kids", """{"deadlineMs":500}""");
        Assert.Equal((200, 2, "\"2\""), (replaced.Status, replaced.Json.GetProperty("version").GetInt32(), replaced.ETag));

        var newest = await _host.SendAsync("GET", "/v1/scenes/kids");
        Assert.Equal((2, 500), (newest.Json.GetProperty("version").GetInt32(), newest.Json.GetProperty("document").GetProperty("deadlineMs").GetInt32()));
        Assert.Equal("\"2\"", newest.ETag);
        Assert.Equal(304, (await _host.SendAsync("GET", "/v1/scenes/kids", headers: ("If-None-Match", "\"2\""))).Status);
        var first = await _host.SendAsync("GET", "/v1/scenes/kids/versions/1");
        Assert.Equal("videos", first.Json.GetProperty("document").GetProperty("description").GetString());
        var versions = (await _host.SendAsync("GET", "/v1/scenes/kids/versions")).Json.GetProperty("versions");
        Assert.Equal([2, 1], versions.EnumerateArray().Select(v => v.GetProperty("version").GetInt32()));
    }

    [Fact]
    public async Task A_document_is_stored_with_its_defaults_and_its_name()
    {
        await PutAsync("kids", "{}");

        var document = (await _host.SendAsync("GET", "/v1/scenes/kids")).Json.GetProperty("document");
        Assert.Equal("kids", document.GetProperty("scene").GetString());
        Assert.Equal(new SceneDocument().PreRank.Merge, document.GetProperty("preRank").GetProperty("merge").GetInt32());
    }

    [Fact]
    public async Task An_older_version_is_restored_as_the_next_one()
    {
        await PutAsync("kids", Videos);
        await PutAsync("kids", """{"deadlineMs":500}""");

        var restored = await _host.SendAsync("POST", "/v1/scenes/kids/versions/1/restore");

        Assert.Equal((200, 3), (restored.Status, restored.Json.GetProperty("version").GetInt32()));
        var newest = (await _host.SendAsync("GET", "/v1/scenes/kids")).Json;
        Assert.Equal((1, "videos"), (newest.GetProperty("restoredFrom").GetInt32(), newest.GetProperty("document").GetProperty("description").GetString()));
        (await _host.SendAsync("POST", "/v1/scenes/kids/versions/9/restore")).AssertProblem(404, "version");
        (await _host.SendAsync("POST", "/v1/scenes/nope/versions/1/restore")).AssertProblem(404, "scene");
    }

    [Fact]
    public async Task A_built_in_scene_is_overridden_restored_and_never_deleted()
    {
        Assert.Equal((200, "\"2\""), await StatusAndTag(PutAsync("feed", Videos)));
        Assert.Equal((200, "\"3\""), await StatusAndTag(_host.SendAsync("POST", "/v1/scenes/feed/versions/1/restore")));
        var answer = (await _host.SendAsync("GET", "/v1/scenes/feed")).Json;
        Assert.Equal(BuiltInScenes.All["feed"].Description, answer.GetProperty("document").GetProperty("description").GetString());
        Assert.Equal([3, 2, 1], (await _host.SendAsync(
            "GET", "/v1/scenes/feed/versions")).Json.GetProperty("versions").EnumerateArray().Select(v => v.GetProperty("version").GetInt32()));
        (await _host.SendAsync("DELETE", "/v1/scenes/feed")).AssertProblem(409);
    }

    [Fact]
    public async Task A_deleted_scene_is_gone_and_its_numbers_are_not_given_again()
    {
        await PutAsync("kids", Videos);
        Assert.Equal(204, (await _host.SendAsync("DELETE", "/v1/scenes/kids")).Status);
        (await _host.SendAsync("GET", "/v1/scenes/kids")).AssertProblem(404, "scene");
        (await _host.SendAsync("GET", "/v1/scenes/kids/versions")).AssertProblem(404, "scene");
        (await _host.SendAsync("DELETE", "/v1/scenes/kids")).AssertProblem(404, "scene");
        Assert.Equal((201, "\"2\""), await StatusAndTag(PutAsync("kids", Videos)));
    }

    [Fact]
    public async Task If_match_is_honoured()
    {
        await PutAsync("kids", Videos);
        (await PutAsync("kids", "{}", ("If-Match", "\"7\""))).AssertProblem(412, "If-Match");
        (await PutAsync("none", "{}", ("If-Match", "*"))).AssertProblem(412, "If-Match");
        (await _host.SendAsync("DELETE", "/v1/scenes/kids", headers: ("If-Match", "\"7\""))).AssertProblem(412, "If-Match");
        Assert.Equal(200, (await PutAsync("kids", "{}", ("If-Match", "\"1\""))).Status);
        Assert.Equal(200, (await PutAsync("feed", Videos, ("If-Match", "\"1\""))).Status);
        (await _host.SendAsync("POST", "/v1/scenes/feed/versions/1/restore", headers: ("If-Match", "\"1\""))).AssertProblem(412, "If-Match");
    }

    [Fact]
    public async Task To_write_what_is_there_changes_nothing()
    {
        await PutAsync("kids", Videos);
        Assert.Equal((200, "\"1\""), await StatusAndTag(PutAsync("kids", Videos)));
        Assert.Single((await _host.SendAsync("GET", "/v1/scenes/kids/versions")).Json.GetProperty("versions").EnumerateArray());
    }

    [Fact]
    public async Task Every_problem_is_named_at_once_and_nothing_is_written()
    {
        _host.Cluster.Items["alive"] = ([], 1);
        var before = _host.Cluster.State();

        var reply = await PutAsync("kids", """
            {"scene":"other","colour":"red","recall":{"hot":{"quota":-1},"social":{"weight":1}},"preRank":{"ranker":"magic","fallback":1},
             "reRank":{"theta":1,"theta":0.5,"pins":[{"itemId":"alive","position":0},{"itemId":"dead","position":1}],"window":null},"discovery":{"filter":{"field":"nope","eq":1}}}
            """);

        reply.AssertProblem(400);
        Assert.Equal(
            ["colour", "discovery.filter.field", "preRank.fallback", "preRank.ranker", "reRank.pins[1].itemId", "reRank.theta", "reRank.theta", "reRank.window", "recall.hot.quota", "recall.social.quota", "scene"],
            reply.Fields.Order(StringComparer.Ordinal));
        Assert.Equal(before, _host.Cluster.State());
    }

    [Fact]
    public async Task Ten_thousand_clauses_are_one_problem()
    {
        var clauses = string.Join(',', Enumerable.Repeat("""{"field":"quality","gt":0.1}""", 10_000));
        var reply = await PutAsync("kids", $$$"""{"discovery":{"filter":{"any":[{{{clauses}}}]} } }""");
        reply.AssertProblem(400);
        Assert.Equal("discovery.filter.any[63]", Assert.Single(reply.Fields.Distinct(), f => f != "$"));
    }

    [Fact]
    public async Task A_hundred_thousand_unknown_members_are_a_short_answer()
    {
        var reply = await PutAsync("kids", $"{{{string.Join(',', Enumerable.Range(0, 80_000).Select(i => $"\"a{i}\":1"))}}}");
        reply.AssertProblem(400, "a0");
        Assert.Equal(100, reply.Fields.Length);
    }

    [Fact]
    public async Task Validating_finds_the_same_and_writes_nothing()
    {
        var before = _host.Cluster.State();
        var good = await _host.SendAsync("PUT", "/v1/scenes/kids?validateOnly=true", Videos);
        Assert.Equal((200, true, 0), (good.Status, good.Json.GetProperty("valid").GetBoolean(), good.Json.GetProperty("currentVersion").GetInt32()));
        (await _host.SendAsync(
            "PUT", "/v1/scenes/kids?validateOnly=true",
            """{"reRank":{"pins":[{"itemId":"dead","position":0}]}}""")).AssertProblem(400, "reRank.pins[0].itemId");
        (await _host.SendAsync("PUT", "/v1/scenes/kids?validateOnly=maybe", Videos)).AssertProblem(400, "validateOnly");
        Assert.Equal(before, _host.Cluster.State());
    }

    [Fact]
    public async Task A_document_that_is_too_large_with_its_defaults_is_refused()
    {
        var creators = string.Join(',', Enumerable.Range(0, 1_000).Select(i => $"\"creator-with-a-name-that-is-long-enough-to-fill-the-document-{i}\":1"));
        (await PutAsync("kids", $$$"""{"preRank":{"calibration":{"creators":{ {{{creators}}} } } } }""")).AssertProblem(400, "$");
    }

    [Fact]
    public async Task There_are_only_so_many_scenes()
    {
        for (var i = 0; i < SceneLimits.Scenes; i++)
            Assert.Equal(201, (await PutAsync($"s{i}", "{}")).Status);
        (await PutAsync("one-more", "{}")).AssertProblem(409);
        Assert.Equal(204, (await _host.SendAsync("DELETE", "/v1/scenes/s0")).Status);
        Assert.Equal(201, (await PutAsync("one-more", "{}")).Status);
    }

    [Fact]
    public async Task Scenes_that_do_not_answer_are_503()
    {
        _host.Cluster.Failures["scenes"] = new TimeoutException();
        foreach (var (method, path) in ((string, string)[])[("GET", ""), ("GET", "/feed"), ("GET", "/feed/versions"), ("DELETE", "/kids"), (
            "POST", "/feed/versions/1/restore")])
            (await _host.SendAsync(method, "/v1/scenes" + path)).AssertProblem(503);
        (await PutAsync("kids", "{}")).AssertProblem(503);
    }

    [Fact]
    public async Task The_schema_is_served_as_one()
    {
        var schema = await _host.SendAsync("GET", "/v1/scenes/schema");

        Assert.Equal((200, "application/schema+json"), (schema.Status, schema.MediaType));
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", schema.Json.GetProperty("$schema").GetString());
        var quota = schema.Json.GetProperty(
            "properties").GetProperty("recall").GetProperty("properties").GetProperty("hot").GetProperty("properties").GetProperty("quota");
        Assert.Equal(200_000, quota.GetProperty("maximum").GetInt32());
        Assert.NotEmpty(quota.GetProperty("description").GetString()!);
    }

    private static async Task<(int, string?)> StatusAndTag(Task<Reply> reply) => ((await reply).Status, (await reply).ETag);

    private Task<Reply> PutAsync(string scene, string json, params (string, string)[] headers) =>
        _host.SendAsync("PUT", $"/v1/scenes/{scene}", json, headers: headers);
}
