using KgOrleans.Api.Lanes;
using KgOrleans.Api.Tests.Fakes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace KgOrleans.Api.Tests;

[Trait("Suite", "Unit")]
public sealed class ShutdownTests
{
    [Theory]
    [InlineData("POST", "/v1/items", "application/x-ndjson", "")]
    [InlineData("POST", "/v1/items", "application/x-ndjson", "Content-Encoding: gzip\r\n")]
    [InlineData("POST", "/v1/items", "application/json", "")]
    [InlineData("POST", "/v1/events", "application/json", "")]
    [InlineData("PUT", "/v1/scenes/feed", "application/json", "")]
    public async Task A_body_that_still_arrives_is_given_up_when_the_process_ends(string method, string path, string mediaType, string headers)
    {
        await using var host = await ApiHost.StartAsync();
        using var upload = await RawConnection.StallAsync(host.Address, method, path, mediaType, headers);

        var stopped = host.StopAsync();

        Assert.Equal(503, await upload.ReadStatusAsync());
        await stopped;
    }

    [Fact]
    public async Task A_request_that_outlasts_the_patience_is_cut_when_the_process_ends()
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.UsersAnswer = new TaskCompletionSource().Task;
        using var write = await RawConnection.OpenAsync(host.Address);
        await write.SendAsync($"PUT /v1/users/u1 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
            .Replace("Host: x", $"Host: {host.Address.Authority}"));
        Assert.StartsWith("HTTP/1.1 100", await write.ReadHeadAsync());
        await write.SendAsync("{}");

        host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        host.Time.Advance(Draining.Patience);

        Assert.Equal(0, await write.ReadStatusAsync());
    }

    [Theory]
    [InlineData("POST /v1/recommend HTTP/1.1\r\nX-Slow: ")]
    [InlineData("GET /dashboard/Trace HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /v1/items/big HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    public async Task No_connection_outlasts_the_patience(string sent)
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.Items["big"] = (new byte[64 << 20], 1);
        using var connection = await RawConnection.OpenAsync(host.Address);
        await connection.SendAsync(sent);
        // What was sent before is known to the server by now.
        if (sent.StartsWith("GET", StringComparison.Ordinal))
            Assert.Equal(200, await connection.ReadStatusAsync());

        var stopped = host.StopAsync();
        host.Time.Advance(Draining.Patience);

        await stopped;
    }
}
