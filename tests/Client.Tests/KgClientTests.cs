using System.Net;
using KgOrleans.ClientTestSupport;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Client.Tests;

[Trait("Suite", "Unit")]
public sealed class KgClientTests : IAsyncLifetime
{
    private readonly InstantTime _time = new();
    private FakeService _service = null!;

    public async ValueTask InitializeAsync() => _service = await FakeService.StartAsync();

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    public async Task A_busy_service_is_asked_again_with_growing_waits(int status)
    {
        _service.FailNext(status, times: 3);
        using var client = Client();
        var reply = await client.PostNdjsonAsync("v1/users", "{\"userId\":\"u\"}\n"u8.ToArray(), CancellationToken.None);
        Assert.Equal(1, reply.Accepted);
        Assert.Equal(3, _time.Waits.Count);
        Assert.True(_time.Waits[2] > _time.Waits[1] && _time.Waits[1] > _time.Waits[0], string.Join(' ', _time.Waits));
    }

    [Fact]
    public async Task Retry_after_is_honoured_and_bounded()
    {
        _service.FailNext(503, retryAfter: "7");
        _service.FailNext(503, retryAfter: "86400");
        using var client = Client();
        await client.PostNdjsonAsync("v1/users", "{\"userId\":\"u\"}\n"u8.ToArray(), CancellationToken.None);
        Assert.Equal([TimeSpan.FromSeconds(7), RetryPolicy.Default.LongestDelay], _time.Waits);
    }

    [Fact]
    public async Task Attempts_are_bounded_and_the_problem_is_told()
    {
        _service.FailNext(503, times: 100);
        using var client = Client();
        var error = await Assert.ThrowsAsync<ApiException>(() => client.PostNdjsonAsync("v1/users", "{}"u8.ToArray(), CancellationToken.None));
        Assert.Equal(RetryPolicy.Default.Attempts, _service.Calls);
        Assert.Equal("POST /v1/users: 503 told to fail: the test said so", error.Message);
        Assert.True(error.IsTransient);
    }

    [Fact]
    public async Task An_error_of_the_caller_is_not_repeated()
    {
        _service.FailNext(400);
        using var client = Client();
        var error = await Assert.ThrowsAsync<ApiException>(() => client.PostNdjsonAsync("v1/users", "{}"u8.ToArray(), CancellationToken.None));
        Assert.Equal((1, true), (_service.Calls, error.IsCallersFault));
        Assert.Empty(_time.Waits);
    }

    [Fact]
    public async Task A_missing_document_is_null()
    {
        _service.Items["a"] = new ItemDocument { ItemId = "a", CreatorId = "c", WorldId = "w" };
        using var client = Client();
        Assert.Equal("w", (await client.FindItemAsync("a", CancellationToken.None))!.WorldId);
        Assert.Null(await client.FindItemAsync("b", CancellationToken.None));
        Assert.Null(await client.FindUserWorldAsync("b", CancellationToken.None));
    }

    [Fact]
    public void Field_errors_are_spelt_out_in_either_form()
    {
        var map = ApiException.From(HttpMethod.Post, "/v1/x", HttpStatusCode.BadRequest, """{"title":"Bad","errors":{"pageSize":["must be 1..100"]}}""");
        Assert.Equal("POST /v1/x: 400 Bad\n  pageSize: must be 1..100", map.Message);
        var list = ApiException.From(HttpMethod.Post, "/v1/x", HttpStatusCode.BadRequest, """{"title":"Bad","detail":"two","errors":[{"field":"a","code":"c","message":"m"}]}""");
        Assert.Equal("POST /v1/x: 400 Bad: two\n  a: m", list.Message);
        Assert.Equal("GET /: 502 BadGateway: <html>", ApiException.From(HttpMethod.Get, "/", HttpStatusCode.BadGateway, "<html>").Message);
        Assert.Contains("KG_API_KEY", ApiException.From(HttpMethod.Get, "/", HttpStatusCode.Unauthorized, "").Message);
    }

    private KgClient Client() => new(new Uri(_service.Url), null, RetryPolicy.Default, _time);
}
