using KgOrleans.Api.Tests.Fakes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace KgOrleans.Api.Tests;

[Trait("Suite", "Unit")]
public sealed class CrossSiteTests(SharedApiHost shared) : IClassFixture<SharedApiHost>
{
    private const string Console = "https://console.example";
    private const string Page = """{"userId":"u1","scene":"feed"}""";

    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://127.0.0.1.evil.example")]
    [InlineData("Origin", "http://127.0.0.1:1")]
    public async Task No_write_of_a_foreign_page_is_done(string header, string value)
    {
        var host = shared.Host;
        var before = host.Cluster.State();
        var writes = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Select(m => (Method: m, Path: e.RoutePattern.RawText!)) ?? [])
            .Where(e => e.Method != "GET").ToArray();
        Assert.True(writes.Length > 10);

        foreach (var (method, path) in writes)
        {
            var at = path.Replace("{scene}", "feed").Replace("{version}", "1").Replace("{itemId}", "i1").Replace("{userId}", "u1");
            (await host.SendAsync(method, at, body: null, headers: (header, value))).AssertProblem(403, "Origin");
            (await host.SendAsync(method, at, "{}", headers: (header, value))).AssertProblem(403, "Origin");
        }

        Assert.Equal(before, host.Cluster.State());
    }

    [Theory]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("text/plain")]
    [InlineData("multipart/form-data; boundary=x")]
    public async Task What_a_form_can_send_is_refused_by_every_POST(string mediaType)
    {
        var host = shared.Host;

        foreach (var path in new[] { "/v1/scenes/feed/versions/1/restore", "/v1/recommend", "/v1/events", "/v1/items", "/v1/users" })
        {
            (await host.SendAsync("POST", path, "", mediaType)).AssertProblem(415, "Content-Type");
            (await host.SendAsync("POST", path, "{}", mediaType)).AssertProblem(415, "Content-Type");
        }
    }

    [Theory]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    [InlineData("Sec-Fetch-Site", "none")]
    [InlineData("X-Nothing", "x")]
    public async Task Callers_that_are_no_foreign_page_write(string header, string value)
    {
        var host = shared.Host;

        Assert.Equal(200, (await host.SendAsync("POST", "/v1/scenes/feed/versions/1/restore", headers: (header, value))).Status);
        Assert.Equal(200, (await host.SendAsync("POST", "/v1/scenes/feed/versions/1/restore", "{}", headers: (header, value))).Status);
        var own = host.Address.GetLeftPart(UriPartial.Authority);
        Assert.Equal(200, (await host.SendAsync("POST", "/v1/recommend", Page, headers: ("Origin", own))).Status);
        // A proxy that ends TLS passes the name on and changes the scheme.
        Assert.Equal(200, (await host.SendAsync("POST", "/v1/recommend", Page, headers: ("Origin", own.Replace("http:", "https:")))).Status);
    }

    [Theory]
    [InlineData("/dashboard/version")]
    [InlineData("/docs/")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/v1/scenes")]
    public async Task No_page_may_frame_what_is_served(string path)
    {
        var host = shared.Host;

        using var response = await host.Http.GetAsync(path);

        Assert.Equal("frame-ancestors 'none'", Assert.Single(response.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("DENY", Assert.Single(response.Headers.GetValues("X-Frame-Options")));
    }

    [Fact]
    public async Task Without_allowed_origins_no_page_of_another_origin_may_call()
    {
        var host = shared.Host;

        using var preflight = await PreflightAsync(host, Console);

        Assert.False(preflight.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [InlineData("Kg:Http:AllowedOrigins", "https://other.example; " + Console)]
    [InlineData("Kg:Http:AllowedOrigins:0", Console)]
    public async Task An_allowed_origin_calls_and_reads_and_writes_and_no_other_does(string setting, string origins)
    {
        await using var host = await ApiHost.StartAsync((setting, origins));

        using var preflight = await PreflightAsync(host, Console);
        using var foreign = await PreflightAsync(host, "https://evil.example");
        using var write = new HttpRequestMessage(HttpMethod.Put, "/v1/items/i1")
        {
            Content = new StringContent("""{"creatorId":"c","kind":"audio"}""", null, "application/json"),
            Headers = { { "Origin", Console }, { "Sec-Fetch-Site", "cross-site" } },
        };
        using var written = await host.Http.SendAsync(write);

        Assert.Equal([Console], preflight.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Contains("PUT", preflight.Headers.GetValues("Access-Control-Allow-Methods").Single());
        Assert.Contains("x-api-key", preflight.Headers.GetValues("Access-Control-Allow-Headers").Single());
        Assert.False(preflight.Headers.Contains("Access-Control-Allow-Credentials"));
        Assert.False(foreign.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Equal(201, (int)written.StatusCode);
        Assert.Equal([Console], written.Headers.GetValues("Access-Control-Allow-Origin"));
        Assert.Contains("ETag", written.Headers.GetValues("Access-Control-Expose-Headers").Single());
    }

    [Fact]
    public async Task A_preflight_needs_no_key_and_the_call_itself_does()
    {
        await using var host = await ApiHost.StartAsync(
            ("Kg:Http:AllowedOrigins", Console), ("Kg:ApiKeys:Read", "read-key-0123456789"), ("Kg:ApiKeys:Write", "write-key-0123456789"),
            ("Kg:ApiKeys:Admin", "admin-key-0123456789"));

        using var preflight = await PreflightAsync(host, Console);

        Assert.Equal([Console], preflight.Headers.GetValues("Access-Control-Allow-Origin"));
        (await host.SendAsync("PUT", "/v1/items/i1", "{}", headers: ("Origin", Console))).AssertProblem(401);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("console.example")]
    [InlineData("https://console.example/")]
    [InlineData("https://console.example/app")]
    [InlineData("ftp://console.example")]
    public async Task An_origin_that_no_browser_sends_is_refused_at_the_start(string origin)
    {
        var refused = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            () => ApiHost.StartAsync(("Kg:Http:AllowedOrigins", origin)));

        Assert.Contains(origin, Assert.Single(refused.Failures));
    }

    private static async Task<HttpResponseMessage> PreflightAsync(ApiHost host, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, "/v1/items/i1")
        {
            Headers =
            {
                { "Origin", origin }, { "Access-Control-Request-Method", "PUT" }, { "Access-Control-Request-Headers", "x-api-key,content-type" },
            },
        };
        return await host.Http.SendAsync(request);
    }
}
