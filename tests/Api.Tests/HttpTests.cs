using System.IO.Compression;
using System.Net;
using System.Text;
using KgOrleans.Api.Tests.Fakes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace KgOrleans.Api.Tests;

/// <summary>What HTTP allows and callers use.</summary>
[Trait("Suite", "Unit")]
public sealed class HttpTests(SharedApiHost shared) : IClassFixture<SharedApiHost>
{
    private const string Ndjson = "application/x-ndjson";
    private const string Item = """{"itemId":"i1","creatorId":"c","kind":"audio"}""";
    private const string Page = """{"userId":"u1","scene":"feed"}""";
    private const string Bom = "\ufeff";

    [Fact]
    public async Task HEAD_answers_wherever_GET_does_without_a_body()
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.Items["i1"] = (Encoding.UTF8.GetBytes(Item), 7);
        var routes = host.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.Metadata.GetMetadata<HttpMethodMetadata>() is { } m && m.HttpMethods.Contains("GET"))
            .Select(e => e.RoutePattern.RawText!)
            .Where(r => !r.StartsWith("/dashboard", StringComparison.Ordinal)).Append("/metrics").ToArray();
        Assert.Contains("/health/ready", routes);

        foreach (var route in routes)
        {
            var path = route.Replace("{scene}", "feed").Replace("{version}", "1").Replace("{itemId}", "i1").Replace("{documentName?}", "");
            using var got = await host.Http.GetAsync(path);
            using var head = await host.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path));

            Assert.True(got.StatusCode == head.StatusCode, $"{path}: {got.StatusCode}, HEAD {head.StatusCode}");
            Assert.Equal(got.Content.Headers.ContentType, head.Content.Headers.ContentType);
            Assert.Equal(got.Headers.ETag, head.Headers.ETag);
            Assert.Empty(await head.Content.ReadAsByteArrayAsync());
        }
    }

    [Fact]
    public async Task HEAD_of_a_route_without_GET_is_405_and_Allow_names_HEAD_beside_GET()
    {
        var host = shared.Host;

        using var head = await host.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/v1/recommend"));
        using var post = await host.Http.PostAsync("/v1/items/i1", null);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, head.StatusCode);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, post.StatusCode);
        Assert.Contains("GET", post.Content.Headers.Allow);
        Assert.Contains("HEAD", post.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("PUT", "/v1/items/i1", Bom + Item, "application/json")]
    [InlineData("PATCH", "/v1/items/i1", Bom + "{\"title\":\"x\"}", "application/merge-patch+json")]
    [InlineData("POST", "/v1/items", Bom + "[" + Item + "]", "application/json")]
    [InlineData("PUT", "/v1/users/u1", Bom + "{}", "application/json")]
    [InlineData("PUT", "/v1/scenes/feed", Bom + "{}", "application/json")]
    [InlineData("POST", "/v1/recommend", Bom + Page, "application/json")]
    [InlineData("POST", "/v1/events", Bom + """{"events":[{"userId":"u1","itemId":"i1","type":"like"}]}""", "application/json")]
    public async Task A_byte_order_mark_before_a_document_is_no_part_of_it(string method, string path, string body, string mediaType)
    {
        var host = shared.Host;
        host.Cluster.Items["i1"] = (Encoding.UTF8.GetBytes(Item), 7);

        Assert.InRange((await host.SendAsync(method, path, body, mediaType)).Status, 200, 201);
    }

    [Fact]
    public async Task A_byte_order_mark_before_any_line_is_no_part_of_it()
    {
        await using var host = await ApiHost.StartAsync();
        string Line(int i) => $$"""{"itemId":"i{{i}}","creatorId":"c","kind":"audio"}""" + "\n";

        // Two files, one after the other, and a third that is empty.
        var reply = await host.SendAsync("POST", "/v1/items", Bom + Line(1) + Line(2) + Bom + Line(3) + Bom + "\n", Ndjson);

        Assert.Equal((3, 0), (reply.Json.GetProperty("accepted").GetInt32(), reply.Json.GetProperty("rejectedCount").GetInt32()));
        (await host.SendAsync("POST", "/v1/items", Bom, Ndjson)).AssertProblem(400, "$");
        (await host.SendAsync("POST", "/v1/recommend", Bom)).AssertProblem(400, "$");
    }

    [Theory]
    [InlineData("application/json; charset=utf8")]
    [InlineData("application/json; charset=\"utf8\"")]
    [InlineData("application/json; charset=UTF-8")]
    [InlineData("application/json;charset=\"utf-8\"")]
    public async Task UTF_8_is_read_by_any_of_its_names(string mediaType)
    {
        var host = shared.Host;

        Assert.Equal(200, (await host.SendAsync("POST", "/v1/recommend", Page, mediaType)).Status);
    }

    [Theory]
    [InlineData("POST", "/v1/recommend", "application/json")]
    [InlineData("POST", "/v1/events/", "application/json")]
    [InlineData("PATCH", "/v1/items/i1", "application/merge-patch+json or application/json")]
    [InlineData("POST", "/v1/items", "application/json or application/x-ndjson")]
    [InlineData("PUT", "/v1/scenes/feed", "application/json")]
    public async Task A_media_type_that_is_not_accepted_is_told_which_ones_are(string method, string path, string accepted)
    {
        var host = shared.Host;

        foreach (var sent in new[] { "text/plain", "application/xml", null })
        {
            var reply = await host.SendAsync(method, path, "{}", sent);
            reply.AssertProblem(415, "Content-Type");
            Assert.Contains(accepted, reply.Json.GetProperty("detail").GetString());
        }
    }

    [Theory]
    [InlineData("items")]
    [InlineData("users")]
    public async Task If_None_Match_lets_only_the_first_writer_create(string kind)
    {
        await using var host = await ApiHost.StartAsync();
        var (path, body) = ($"/v1/{kind}/x1", kind == "items" ? """{"creatorId":"c","kind":"audio"}""" : "{}");

        Assert.Equal(201, (await host.SendAsync("PUT", path, body, headers: ("If-None-Match", "*"))).Status);
        (await host.SendAsync("PUT", path, body, headers: ("If-None-Match", "*"))).AssertProblem(412, "If-None-Match");
        (await host.SendAsync("DELETE", path, headers: ("If-None-Match", "*"))).AssertProblem(412, "If-None-Match");
        (await host.SendAsync("PUT", path, body, headers: ("If-None-Match", "new"))).AssertProblem(400, "If-None-Match");
        var etag = (await host.SendAsync("GET", path)).ETag!;
        (await host.SendAsync("PUT", path, body, headers: ("If-None-Match", etag))).AssertProblem(412, "If-None-Match");
        Assert.Equal(200, (await host.SendAsync("PUT", path, body, headers: ("If-None-Match", "\"999\""))).Status);
        Assert.Equal(2, host.Cluster.Writes.Count);
    }

    [Fact]
    public async Task If_None_Match_creates_scenes_too_and_built_in_ones_exist()
    {
        await using var host = await ApiHost.StartAsync();

        Assert.Equal(201, (await host.SendAsync("PUT", "/v1/scenes/kids", "{}", headers: ("If-None-Match", "*"))).Status);
        (await host.SendAsync("PUT", "/v1/scenes/kids", "{}", headers: ("If-None-Match", "*"))).AssertProblem(412, "If-None-Match");
        (await host.SendAsync("PUT", "/v1/scenes/feed", "{}", headers: ("If-None-Match", "*"))).AssertProblem(412, "If-None-Match");
    }

    [Theory]
    [InlineData("2026-05-01T12:00:00+0800", "2026-05-01T12:00:00+08:00")]
    [InlineData("2026-05-01T12:00:00.5-0330", "2026-05-01T12:00:00.5-03:30")]
    [InlineData("2026-05-01T12:00:00+08", "2026-05-01T12:00:00+08:00")]
    public async Task Offsets_of_times_may_lack_their_colon(string sent, string meant)
    {
        var host = shared.Host;

        var reply = await host.SendAsync("PUT", "/v1/items/i1", $$"""{"creatorId":"c","kind":"audio","publishedAt":"{{sent}}"}""");
        var filter = await host.SendAsync(
            "POST", "/v1/recommend", $$$"""{"userId":"u1","scene":"feed","filter":{"field":"publishedAt","gte":"{{{sent}}}"}}""");

        Assert.InRange(reply.Status, 200, 201);
        Assert.Equal(200, filter.Status);
        Assert.Equal(DateTimeOffset.Parse(meant), (await host.SendAsync("GET", "/v1/items/i1")).Json.GetProperty("publishedAt").GetDateTimeOffset());
    }

    [Theory]
    [InlineData("2026-05-01T12:00:00+08000")]
    [InlineData("2026-05-01T12:00:00+9900")]
    [InlineData("2026-05-01T12:00:00+0x00")]
    [InlineData("2026-05-01+0800")]
    [InlineData("T+0800")]
    public async Task A_time_that_is_none_stays_refused(string sent)
    {
        var host = shared.Host;

        (await host.SendAsync("PUT", "/v1/items/i1", $$"""{"creatorId":"c","kind":"audio","publishedAt":"{{sent}}"}""")).AssertProblem(400, "publishedAt");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task Answers_are_compressed_for_callers_who_ask(string encoding)
    {
        var host = shared.Host;
        using var plain = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None }) { BaseAddress = host.Address };

        using var asked = new HttpRequestMessage(HttpMethod.Get, "/v1/scenes") { Headers = { { "Accept-Encoding", encoding } } };
        using var zipped = await plain.SendAsync(asked);
        using var whole = await plain.GetAsync("/v1/scenes");

        Assert.Equal([encoding], zipped.Content.Headers.ContentEncoding);
        Assert.Empty(whole.Content.Headers.ContentEncoding);
        Stream body = await zipped.Content.ReadAsStreamAsync();
        await using var unzipped = encoding == "gzip" ? (Stream)new GZipStream(body, CompressionMode.Decompress) : new BrotliStream(body, CompressionMode.Decompress);
        Assert.Equal(await whole.Content.ReadAsStringAsync(), await new StreamReader(unzipped).ReadToEndAsync());
    }

    [Fact]
    public async Task Compressed_bodies_are_read_everywhere()
    {
        await using var host = await ApiHost.StartAsync();
        var lines = string.Concat(Enumerable.Range(0, 3_000).Select(i => $$"""{"itemId":"i{{i}}","creatorId":"c","kind":"audio"}""" + "\n"));

        Assert.Equal(200, (await SendZippedAsync(host, "POST", "/v1/recommend", Page)).Status);
        Assert.Equal(201, (await SendZippedAsync(host, "PUT", "/v1/items/i1", Item)).Status);
        var upload = await SendZippedAsync(host, "POST", "/v1/items", lines, Ndjson);

        Assert.Equal(3_000, upload.Json.GetProperty("accepted").GetInt32());
    }

    [Fact]
    public async Task Limits_count_what_a_body_is_once_decompressed()
    {
        await using var host = await ApiHost.StartAsync();
        var bomb = $$"""{"userId":"{{new string('x', 64 << 20)}}"}""";

        (await SendZippedAsync(host, "POST", "/v1/recommend", bomb)).AssertProblem(413, "$");
        var upload = await SendZippedAsync(host, "POST", "/v1/items", $"{Item}\n{new string('x', 64 << 20)}\n{Item}\n", Ndjson);

        Assert.Equal("tooLong", Assert.Single(upload.Json.GetProperty("rejected").EnumerateArray()).GetProperty("code").GetString());
        Assert.Equal(2, upload.Json.GetProperty("accepted").GetInt32());
    }

    [Theory]
    [InlineData("POST", "/v1/recommend", "application/json")]
    [InlineData("POST", "/v1/items", Ndjson)]
    public async Task A_compressed_body_that_is_damaged_or_cut_short_is_a_400(string method, string path, string mediaType)
    {
        var host = shared.Host;
        var whole = Zip(string.Concat(Enumerable.Range(0, 100).Select(i => $"{{\"itemId\":\"{Guid.NewGuid()}\",\"creatorId\":\"c\",\"kind\":\"audio\"}}\n")));

        (await host.SendAsync(method, path, "no gzip"u8.ToArray(), mediaType, ("Content-Encoding", "gzip"))).AssertProblem(400, "$");
        (await host.SendAsync(method, path, whole[..^9], mediaType, ("Content-Encoding", "gzip"))).AssertProblem(400, "$");
        (await host.SendAsync(method, path, whole[..20], mediaType, ("Content-Encoding", "gzip"))).AssertProblem(400, "$");
        (await host.SendAsync(method, path, whole, mediaType, ("Content-Encoding", "zstd"))).AssertProblem(415, "Content-Encoding");
    }

    [Theory]
    [InlineData("PATCH", "/v1/users/u1", """{"interests":{"tags":{"\ud800":null}}}""", "interests.tags")]
    [InlineData("PATCH", "/v1/users/u1", """{"\ud800":null}""", "$")]
    [InlineData("PATCH", "/v1/items/i1", """{"features":{"\udfff":null}}""", "features")]
    [InlineData("PATCH", "/v1/items/i1", """{"title":"\ud800"}""", "title")]
    [InlineData("PATCH", "/v1/items/i1", """{"tags":["a","\ud800"]}""", "tags[1]")]
    [InlineData("POST", "/v1/events", """{"\ud800":1,"events":[]}""", "$")]
    [InlineData("PUT", "/v1/users/u1", """{"interests":{"tags":{"\ud800":1}}}""", null)]
    [InlineData("PUT", "/v1/users/u1", """{"\ud800":1}""", null)]
    [InlineData("PUT", "/v1/scenes/feed", """{"\ud800":1}""", "$")]
    [InlineData("POST", "/v1/recommend", """{"userId":"u1","scene":"feed","labels":{"\ud800":"a"}}""", null)]
    [InlineData("POST", "/v1/recommend", """{"userId":"u1","scene":"feed","context":{"\ud800":"a"}}""", null)]
    [InlineData("POST", "/v1/recommend", """{"userId":"u1","scene":"feed","filter":{"\ud800":1}}""", "filter")]
    public async Task Half_a_character_is_a_400_wherever_it_stands(string method, string path, string body, string? field)
    {
        await using var host = await ApiHost.StartAsync();
        host.Cluster.Items["i1"] = host.Cluster.Users["u1"] = ("{}"u8.ToArray(), 7);

        (await host.SendAsync(method, path, body)).AssertProblem(400, field);

        Assert.Empty(host.Cluster.Writes);
    }

    [Theory]
    [InlineData("POST", "/v1/recommend", "application/json")]
    [InlineData("POST", "/v1/items", "application/json")]
    [InlineData("POST", "/v1/items/", Ndjson)]
    [InlineData("PUT", "/v1/users/u1", "application/json")]
    [InlineData("PATCH", "/v1/users/u1", "application/merge-patch+json")]
    public async Task Broken_framing_of_a_body_is_a_400(string method, string path, string mediaType)
    {
        var host = shared.Host;

        foreach (var body in new[] { "fffffffffffffffff\r\n", "fffffffff\r\n", "zz\r\n", "-1\r\n", "2\r\n{}xx\r\n", "1\r\n{\r\n\r\n", "2;\n{}" })
        {
            using var connection = await RawConnection.OpenAsync(host.Address);
            await connection.SendAsync(
                $"{method} {path} HTTP/1.1\r\nHost: {host.Address.Authority}\r\nContent-Type: {mediaType}\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
            Assert.Equal((body, 400), (body, await connection.ReadStatusAsync()));
        }
    }

    [Fact]
    public async Task A_request_that_runs_out_of_time_is_a_503()
    {
        await using var host = await ApiHost.StartAsync(("Kg:Http:RequestTimeoutSeconds", "1"));
        host.Cluster.UsersAnswer = new TaskCompletionSource().Task;

        var write = host.SendAsync("PUT", "/v1/users/u1", "{}");
        var events = host.SendAsync("POST", "/v1/events", """{"events":[{"userId":"u1","itemId":"i1","type":"like"}]}""");
        using var body = await RawConnection.StallAsync(host.Address, "POST", "/v1/recommend", "application/json");

        (await write).AssertProblem(503);
        (await events).AssertProblem(503);
        Assert.Equal("1", (await write).RetryAfter);
        Assert.Equal(503, await body.ReadStatusAsync());
    }

    private static Task<Reply> SendZippedAsync(ApiHost host, string method, string path, string body, string mediaType = "application/json") =>
        host.SendAsync(method, path, Zip(body), mediaType, ("Content-Encoding", "gzip"));

    private static byte[] Zip(string text)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Encoding.UTF8.GetBytes(text));
        return zipped.ToArray();
    }
}
