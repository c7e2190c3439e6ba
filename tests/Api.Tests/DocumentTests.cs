using KgOrleans.Api.Tests.Fakes;

namespace KgOrleans.Api.Tests;

[Trait("Suite", "Unit")]
public sealed class DocumentTests
{
    private const string Item = """{"creatorId":"c1","kind":"audio","title":"a"}""";

    [Fact]
    public async Task An_item_is_created_read_replaced_and_deleted()
    {
        await using var host = await ApiHost.StartAsync();

        var created = await host.SendAsync("PUT", "/v1/items/i1", Item);
        var read = await host.SendAsync("GET", "/v1/items/i1");
        var replaced = await host.SendAsync("PUT", "/v1/items/i1", Item);
        var deleted = await host.SendAsync("DELETE", "/v1/items/i1");

        Assert.Equal((201, 200, 200, 204), (created.Status, read.Status, replaced.Status, deleted.Status));
        Assert.Equal("i1", read.Json.GetProperty("itemId").GetString());
        Assert.Equal(created.ETag, read.ETag);
        Assert.Equal($"\"{created.Json.GetProperty("version").GetInt64()}\"", created.ETag);
        Assert.NotEqual(created.ETag, replaced.ETag);
        (await host.SendAsync("GET", "/v1/items/i1")).AssertProblem(404);
        (await host.SendAsync("DELETE", "/v1/items/i1")).AssertProblem(404);
        (await host.SendAsync("PATCH", "/v1/items/i1", """{"title":"b"}""")).AssertProblem(404);
    }

    [Theory]
    [InlineData("items")]
    [InlineData("users")]
    public async Task If_Match_lets_only_the_holder_of_the_current_version_write(string kind)
    {
        await using var host = await ApiHost.StartAsync();
        var body = kind == "items" ? Item : "{}";
        var path = $"/v1/{kind}/x1";
        var etag = (await host.SendAsync("PUT", path, body)).ETag!;

        (await host.SendAsync("PUT", path, body, headers: ("If-Match", "\"999\""))).AssertProblem(412, "If-Match");
        (await host.SendAsync("PATCH", path, "{}", headers: ("If-Match", "\"other\""))).AssertProblem(412, "If-Match");
        (await host.SendAsync("DELETE", path, headers: ("If-Match", "W/" + etag))).AssertProblem(412, "If-Match");
        (await host.SendAsync("PUT", path, body, headers: ("If-Match", "nonsense"))).AssertProblem(400, "If-Match");
        (await host.SendAsync("PUT", "/v1/" + kind + "/none", body, headers: ("If-Match", "*"))).AssertProblem(412, "If-Match");
        (await host.SendAsync("PUT", path, body, headers: [("If-Match", etag), ("If-None-Match", "*")])).AssertProblem(400, "If-None-Match");
        Assert.Single(host.Cluster.Writes);

        var second = await host.SendAsync("PUT", path, body, headers: ("If-Match", etag));
        Assert.Equal(200, second.Status);
        Assert.Equal(200, (await host.SendAsync("PUT", path, body, headers: ("If-Match", $"\"999\", {second.ETag}"))).Status);
        Assert.Equal(204, (await host.SendAsync("DELETE", path, headers: ("If-Match", "*"))).Status);
    }

    [Fact]
    public async Task A_reader_that_has_the_version_is_told_so()
    {
        await using var host = await ApiHost.StartAsync();
        var etag = (await host.SendAsync("PUT", "/v1/items/i1", Item)).ETag!;

        Assert.Equal(304, (await host.SendAsync("GET", "/v1/items/i1", headers: ("If-None-Match", etag))).Status);
        Assert.Equal(200, (await host.SendAsync("GET", "/v1/items/i1", headers: ("If-None-Match", "\"0\""))).Status);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/merge-patch+json")]
    public async Task A_merge_patch_reaches_the_shard_with_its_nulls(string mediaType)
    {
        await using var host = await ApiHost.StartAsync();
        await host.SendAsync("PUT", "/v1/items/i1", Item);
        const string patch = """{"itemId":"i1","title":null,"features":{"a":null,"b":2},"quality":0.5}""";

        Assert.Equal(200, (await host.SendAsync("PATCH", "/v1/items/i1", patch, mediaType)).Status);

        Assert.Equal(("i1", patch), host.Cluster.Writes.Last());
    }

    [Fact]
    public async Task A_user_is_shown_with_profile_and_version()
    {
        await using var host = await ApiHost.StartAsync();
        var written = await host.SendAsync("PUT", "/v1/users/u1", """{"region":"GD"}""");

        var read = await host.SendAsync("GET", "/v1/users/u1");

        Assert.Equal(201, written.Status);
        Assert.Equal("GD", read.Json.GetProperty("profile").GetProperty("region").GetString());
        Assert.Equal(written.ETag, read.ETag);
        (await host.SendAsync("GET", "/v1/users/u2")).AssertProblem(404);
    }

    [Fact]
    public async Task A_shard_that_does_not_answer_is_a_503()
    {
        await using var host = await ApiHost.StartAsync();
        for (var shard = 0; shard < ApiHost.Shards; shard++)
            host.Cluster.Failures[$"shard {shard}"] = new TimeoutException();

        var reply = await host.SendAsync("PUT", "/v1/items/i1", Item);

        reply.AssertProblem(503);
        Assert.Equal("1", reply.RetryAfter);
    }
}
