using KgOrleans.Api.Recommend;
using KgOrleans.Api.Tests.Fakes;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Serving;
using Microsoft.Extensions.DependencyInjection;

namespace KgOrleans.Api.Tests;

[Trait("Suite", "Unit")]
public sealed class RecommendTests
{
    [Fact]
    public async Task A_request_reaches_the_coordinator_as_it_was_meant()
    {
        await using var host = await ApiHost.StartAsync();

        var reply = await host.SendAsync("POST", "/v1/recommend", """
            {"userId":"u1","scene":"feed","pageSize":7,"exclude":["a","b"],"filter":{"field":"kind","eq":"video"},
             "context":{"hour":3,"city":"GD","songId":"s1","device":"phone"},
             "explain":true,"timeoutMs":50,"labels":{"a":"b","c.d":"自由"},"dryRun":true,"seed":9,"now":"2026-01-02T03:04:05Z"}
            """);

        Assert.Equal(200, reply.Status);
        var command = Assert.Single(host.Cluster.Commands);
        Assert.Equal(("u1", "feed", 7, true, true, 50, 9L),
            (command.UserId, command.Scene, command.PageSize, command.Explain, command.DryRun, command.TimeoutMs!.Value, command.Seed!.Value));
        Assert.Equal(["a", "b"], command.Exclude);
        Assert.Equal("""{"field":"kind","eq":"video"}"""u8, command.Filter!);
        Assert.Equal(new ServingContext { City = "GD", SongId = "s1", Hour = 3, Device = "phone" }, command.Context);
        Assert.Equal(new Dictionary<string, string> { ["a"] = "b", ["c.d"] = "自由" }, command.Labels);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).ToUnixTimeMilliseconds(), command.Now);
        Assert.Equal(command.RequestId, reply.Json.GetProperty("requestId").GetString());
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("\"context\":null,", null)]
    [InlineData("\"context\":{},", "")]
    [InlineData("\"context\":{\"hour\":7.0,\"city\":null},", "7")]
    [InlineData("\"context\":{\"hour\":0},", "0")]
    [InlineData("\"context\":{\"hour\":23},", "23")]
    public async Task A_context_may_be_absent_or_name_some_of_its_members(string context, string? hour)
    {
        await using var host = await ApiHost.StartAsync();

        Assert.Equal(200, (await host.SendAsync("POST", "/v1/recommend", $$"""{{{context}}"userId":"u1","scene":"feed"}""")).Status);

        var command = Assert.Single(host.Cluster.Commands);
        Assert.Equal(hour, command.Context is { } given ? given.Hour?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "" : null);
        Assert.Null(command.Context?.City);
        Assert.Empty(command.Labels);
    }

    [Theory]
    [InlineData("{\"city\":5}", "context.city", "wrongType")]
    [InlineData("{\"city\":\"a b\"}", "context.city", "invalidId")]
    [InlineData("{\"songId\":\"\"}", "context.songId", "required")]
    [InlineData("{\"device\":{}}", "context.device", "wrongType")]
    [InlineData("{\"device\":\"../x\"}", "context.device", "invalidId")]
    [InlineData("{\"hour\":\"noon\"}", "context.hour", "wrongType")]
    [InlineData("{\"hour\":\"7\"}", "context.hour", "wrongType")]
    [InlineData("{\"hour\":25}", "context.hour", "outOfRange")]
    [InlineData("{\"hour\":24}", "context.hour", "outOfRange")]
    [InlineData("{\"hour\":-1}", "context.hour", "outOfRange")]
    [InlineData("{\"hour\":7.5}", "context.hour", "wrongType")]
    [InlineData("{\"mood\":\"sad\"}", "context.mood", "unknownMember")]
    public async Task A_context_that_cannot_be_meant_is_refused_by_its_member_and_reaches_nobody(string context, string field, string code)
    {
        await using var host = await ApiHost.StartAsync();

        var reply = await host.SendAsync("POST", "/v1/recommend", $$"""{"userId":"u1","scene":"feed","context":{{context}}}""");

        reply.AssertProblem(400, field);
        Assert.Equal(code, reply.Json.GetProperty("errors")[0].GetProperty("code").GetString());
        Assert.Empty(host.Cluster.Commands);
    }

    [Fact]
    public async Task Ten_works_are_asked_for_when_the_caller_does_not_say()
    {
        await using var host = await ApiHost.StartAsync();

        await host.SendAsync("POST", "/v1/recommend", """{"userId":"u1","scene":"feed"}""");

        Assert.Equal(10, Assert.Single(host.Cluster.Commands).PageSize);
    }

    [Fact]
    public async Task The_token_of_a_page_comes_back_as_the_state_of_the_next()
    {
        await using var host = await ApiHost.StartAsync();
        var state = State(host);
        host.Cluster.Recommend = command => new RecommendReply(RecommendStatus.Ok, null, new RecommendAnswer(), state);
        var token = (await host.SendAsync("POST", "/v1/recommend", """{"userId":"u1","scene":"feed"}""")).Json.GetProperty("nextPageToken").GetString();

        Assert.Equal(200, (await Next(host, token!)).Status);

        Assert.Equal(state, host.Cluster.Commands[1].PageState);
    }

    [Fact]
    public async Task A_token_changed_in_any_character_is_refused()
    {
        await using var host = await ApiHost.StartAsync();
        var tokens = host.Services.GetRequiredService<PageTokens>();
        var token = tokens.Sign(State(host));
        var now = host.Time.GetUtcNow();
        Assert.Null(tokens.Verify(token, "u1", "feed", now, out _));

        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        for (var i = 0; i < token.Length; i++)
        {
            foreach (var c in alphabet.Where(c => c != token[i]))
                Assert.NotNull(tokens.Verify(token[..i] + c + token[(i + 1)..], "u1", "feed", now, out _));
            Assert.NotNull(tokens.Verify(token[..i], "u1", "feed", now, out _));
            Assert.NotNull(tokens.Verify(token.Insert(i, " "), "u1", "feed", now, out _));
        }
        Assert.NotNull(tokens.Verify(token + "=", "u1", "feed", now, out _));
    }

    [Fact]
    public void A_token_of_another_key_is_refused()
    {
        var state = new PageState(Key64.Of("u1"), Key64.Of("feed"), 1, 0, 1, [7]).Encode();
        var token = new PageTokens(new byte[32]).Sign(state);

        Assert.NotNull(new PageTokens([.. Enumerable.Repeat((byte)1, 32)]).Verify(token, "u1", "feed", DateTimeOffset.UnixEpoch, out var none));
        Assert.Empty(none);
    }

    [Theory]
    [InlineData("u2", "feed", 0)]
    [InlineData("u1", "songs", 0)]
    [InlineData("u1", "feed", 31)]
    public async Task A_token_of_another_user_or_scene_or_time_is_refused(string userId, string scene, int minutesLater)
    {
        await using var host = await ApiHost.StartAsync();
        var token = host.Services.GetRequiredService<PageTokens>().Sign(State(host));
        host.Time.Advance(TimeSpan.FromMinutes(minutesLater));

        (await Next(host, token, userId, scene)).AssertProblem(400, "pageToken");

        Assert.Empty(host.Cluster.Commands);
    }

    [Fact]
    public async Task A_chain_of_500_works_still_fits_a_token()
    {
        await using var host = await ApiHost.StartAsync();
        var served = Enumerable.Range(0, Limits.PagedItems).Select(i => (ulong)i).ToArray();
        var state = new PageState(Key64.Of("u1"), Key64.Of("feed"), 1, host.Time.GetUtcNow().ToUnixTimeMilliseconds(), 5, served)
        {
            Excluded = served.Select(key => key + 1_000_000).Concat(served.Select(key => key + 2_000_000)).ToArray(),
        };
        var token = host.Services.GetRequiredService<PageTokens>().Sign(state.Encode());

        Assert.Equal(200, (await Next(host, token)).Status);
    }

    [Fact]
    public async Task The_key_of_tokens_outlives_the_process_and_is_the_owners_alone()
    {
        await using var host = await ApiHost.StartAsync();
        var path = Path.Combine(host.DataPath, "keys", "page-token.key");

        Assert.Equal(PageTokens.MinKeyLength, new FileInfo(path).Length);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(File.ReadAllBytes(path), PageTokenKey.Load(new PageTokenOptions(), host.DataPath));
    }

    [Theory]
    [InlineData(RecommendStatus.UnknownScene, 404, "scene")]
    [InlineData(RecommendStatus.InvalidPage, 400, "pageToken")]
    [InlineData(RecommendStatus.Unavailable, 503, null)]
    public async Task A_refusal_of_the_coordinator_is_a_problem(RecommendStatus status, int expected, string? field)
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.Recommend = _ => new RecommendReply(status, "because", null, null);

        var reply = await host.SendAsync("POST", "/v1/recommend", """{"userId":"u1","scene":"feed"}""");

        reply.AssertProblem(expected, field);
        Assert.Equal(expected == 503 ? "1" : null, reply.RetryAfter);
    }

    [Fact]
    public async Task A_coordinator_that_does_not_answer_is_a_503_to_be_retried()
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.Failures["coordinator"] = new TimeoutException();

        var reply = await host.SendAsync("POST", "/v1/recommend", """{"userId":"u1","scene":"feed"}""");

        reply.AssertProblem(503);
        Assert.Equal("1", reply.RetryAfter);
    }

    [Fact]
    public void Request_ids_are_unique_ids_in_the_order_of_time()
    {
        var start = DateTimeOffset.UnixEpoch.AddYears(50);
        var ids = Enumerable.Range(0, 1_000).Select(i => RequestIds.Next(start.AddMilliseconds(i))).ToArray();

        Assert.All(ids, id => Assert.True(Limits.IsId(id) && id.Length == 27));
        Assert.Equal(ids, ids.Order(StringComparer.Ordinal));
        Assert.Equal(1_000, Enumerable.Range(0, 1_000).Select(_ => RequestIds.Next(start)).Distinct().Count());
    }

    private static byte[] State(ApiHost host) =>
        new PageState(Key64.Of("u1"), Key64.Of("feed"), 1, host.Time.GetUtcNow().ToUnixTimeMilliseconds(), 5, [1, 2, 3]).Encode();

    [Fact]
    public async Task A_request_that_breaks_rules_of_the_scene_is_a_problem_with_every_path()
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.Recommend = _ => new RecommendReply(RecommendStatus.Invalid, "context", null, null)
        {
            Errors = [new WireFieldError("context.city", "unknownMember", "is not declared"),
                new WireFieldError("context.hour", "unknownMember", "is not declared")],
        };

        var reply = await host.SendAsync("POST", "/v1/recommend", """{"userId":"u1","scene":"feed","context":{"city":"GD","hour":3}}""");

        reply.AssertProblem(400);
        Assert.Equal(["context.city", "context.hour"], reply.Fields);
    }

    private static Task<Reply> Next(ApiHost host, string token, string userId = "u1", string scene = "feed") =>
        host.SendAsync("POST", "/v1/recommend", $$"""{"userId":"{{userId}}","scene":"{{scene}}","pageToken":"{{token}}"}""");
}
