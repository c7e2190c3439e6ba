using System.Net;
using System.Text.Json;
using KgOrleans.Api.Tests.Fakes;
using KgOrleans.Ranking.Events;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;

namespace KgOrleans.Api.Tests;

[Trait("Suite", "Unit")]
public sealed class OpenApiTests(SharedApiHost shared) : IClassFixture<SharedApiHost>
{
    [Fact]
    public async Task The_document_is_made_once_and_callers_that_have_it_are_told_so()
    {
        var made = 0;
        await using var host = await ApiHost.StartAsync(services => services.Configure<OpenApiOptions>("v1", options =>
            options.AddDocumentTransformer((_, _, _) =>
            {
                Interlocked.Increment(ref made);
                return Task.CompletedTask;
            })));
        using var http = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.GZip }) { BaseAddress = host.Address };

        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => host.SendAsync("GET", "/openapi/v1.json")));
        var zipped = await http.GetStringAsync("/openapi/v1.json");
        var again = await host.SendAsync("GET", "/openapi/v1.json", headers: ("If-None-Match", replies[0].ETag!));

        Assert.Equal(1, made);
        Assert.All(replies, r => Assert.Equal(zipped, r.Body));
        Assert.Equal(304, again.Status);
    }

    [Theory]
    [InlineData("/v1/items/{itemId}", "ItemDocument")]
    [InlineData("/v1/users/{userId}", "UserDocument")]
    public async Task A_patch_requires_no_member_and_allows_null_where_a_member_can_be_removed(string path, string document)
    {
        var host = shared.Host;
        var json = (await host.SendAsync("GET", "/openapi/v1.json")).Json;

        var whole = json.GetProperty("components").GetProperty("schemas").GetProperty(document);
        foreach (var content in json.GetProperty("paths").GetProperty(path).GetProperty("patch").GetProperty("requestBody").GetProperty("content").EnumerateObject())
        {
            var patch = Resolve(json, content.Value.GetProperty("schema"));
            Assert.False(patch.TryGetProperty("required", out _));
            Assert.Equal(Names(whole.GetProperty("properties")), Names(patch.GetProperty("properties")));
            foreach (var member in patch.GetProperty("properties").EnumerateObject())
                Assert.True(member.Name is "itemId" or "creatorId" or "kind" or "userId" != member.Value.ToString().Contains("\"null\""), member.ToString());
        }
        Assert.NotEmpty(whole.GetProperty("required").EnumerateArray());
    }

    [Fact]
    public async Task Types_of_events_are_those_of_the_table()
    {
        var json = (await shared.Host.SendAsync("GET", "/openapi/v1.json")).Json;
        var type = Resolve(json, json.GetProperty("components").GetProperty("schemas").GetProperty("UserEvent").GetProperty("properties").GetProperty("type"));

        Assert.Equal("string", type.GetProperty("type").GetString());
        Assert.Equal(EventTypes.All.Select(t => t.Name), type.GetProperty("enum").EnumerateArray().Select(n => n.GetString()));
    }

    [Theory]
    [InlineData("put", "/v1/items/{itemId}", 200, 201, 409, 412)]
    [InlineData("patch", "/v1/items/{itemId}", 200, 201, 404, 409, 412)]
    [InlineData("put", "/v1/users/{userId}", 200, 201, 409, 412)]
    [InlineData("patch", "/v1/users/{userId}", 200, 201, 404, 409, 412)]
    [InlineData("put", "/v1/scenes/{scene}", 200, 201, 409, 412)]
    [InlineData("post", "/v1/scenes/{scene}/versions/{version}/restore", 200, 201, 404, 409, 412, 415)]
    [InlineData("delete", "/v1/scenes/{scene}", 204, 404, 409, 412)]
    public async Task Every_way_in_which_a_write_ends_is_described(string method, string path, params int[] statuses)
    {
        var host = shared.Host;
        var json = (await host.SendAsync("GET", "/openapi/v1.json")).Json;

        var described = Names(json.GetProperty("paths").GetProperty(path).GetProperty(method).GetProperty("responses"));

        Assert.Subset(described.ToHashSet(), statuses.Select(s => s.ToString()).ToHashSet());
    }

    [Fact]
    public async Task Probes_ask_the_cluster_once_a_second_whoever_asks()
    {
        await using var host = await ApiHost.StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => host.SendAsync("GET", "/health/ready")));
        Assert.Equal(1, host.Cluster.StatesAsked);

        host.Time.Advance(TimeSpan.FromSeconds(1));
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => host.SendAsync("GET", "/health/ready")));
        Assert.Equal(2, host.Cluster.StatesAsked);
    }

    private static JsonElement Resolve(JsonElement document, JsonElement schema) => schema.TryGetProperty("$ref", out var reference)
        ? document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!.Split('/')[^1])
        : schema;

    private static string[] Names(JsonElement json) => [.. json.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal)];
}
