using System.Text;
using KgOrleans.Api.Hosting;
using KgOrleans.Api.Security;
using KgOrleans.Api.Tests.Fakes;
using Microsoft.Extensions.Configuration;

namespace KgOrleans.Api.Tests;

[Trait("Suite", "Unit")]
public sealed class SecurityTests
{
    private const string ReadKey = "read-key-0123456789";
    private const string WriteKey = "write-key-0123456789";
    private const string AdminKey = "admin-key-0123456789";
    private const string Page = """{"userId":"u1","scene":"feed"}""";
    private const string Event = """{"events":[{"userId":"u1","itemId":"i1","type":"like"}]}""";

    private static readonly (string, string)[] Keys = [("Kg:ApiKeys:Read", ReadKey), ("Kg:ApiKeys:Write", WriteKey), ("Kg:ApiKeys:Admin", AdminKey)];

    [Theory]
    [InlineData("POST", "/v1/recommend", Page, ReadKey, null)]
    [InlineData("GET", "/v1/cluster", null, ReadKey, null)]
    [InlineData("GET", "/v1/scenes", null, ReadKey, null)]
    [InlineData("GET", "/v1/requests/r1", null, ReadKey, null)]
    [InlineData("GET", "/metrics", null, ReadKey, null)]
    [InlineData("POST", "/v1/events", Event, WriteKey, ReadKey)]
    [InlineData("POST", "/v1/items", "[]", WriteKey, ReadKey)]
    [InlineData("PUT", "/v1/users/u1", "{}", WriteKey, ReadKey)]
    [InlineData("DELETE", "/v1/items/i1", null, WriteKey, ReadKey)]
    [InlineData("GET", "/v1/scenes/schema", null, ReadKey, null)]
    [InlineData("PUT", "/v1/scenes/kids", "{}", WriteKey, ReadKey)]
    [InlineData("DELETE", "/v1/scenes/kids", null, WriteKey, ReadKey)]
    [InlineData("POST", "/v1/scenes/feed/versions/1/restore", null, WriteKey, ReadKey)]
    [InlineData("GET", "/v1/export/items", null, AdminKey, WriteKey)]
    [InlineData("GET", "/v1/export/events", null, AdminKey, WriteKey)]
    [InlineData("GET", "/dashboard/version", null, AdminKey, WriteKey)]
    public async Task A_route_asks_for_its_role(string method, string path, string? body, string key, string? weaker)
    {
        await using var host = await ApiHost.StartAsync(Keys);

        (await host.SendAsync(method, path, body)).AssertProblem(401);
        (await host.SendAsync(method, path, body, headers: ("X-Api-Key", key + "x"))).AssertProblem(401);
        (await host.SendAsync(method, path, body, headers: ("Authorization", "Bearer "))).AssertProblem(401);
        if (weaker is not null)
            (await host.SendAsync(method, path, body, headers: ("X-Api-Key", weaker))).AssertProblem(403);
        Assert.NotInRange((await host.SendAsync(method, path, body, headers: ("X-Api-Key", key))).Status, 401, 403);
        Assert.NotInRange((await host.SendAsync(method, path, body, headers: ("Authorization", $"Bearer {key}"))).Status, 401, 403);
        Assert.NotInRange((await host.SendAsync(method, path, body, headers: ("X-Api-Key", AdminKey))).Status, 401, 403);
    }

    [Fact]
    public async Task Basic_opens_the_dashboard_and_nothing_else()
    {
        await using var host = await ApiHost.StartAsync(Keys);
        var basic = ("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"anybody:{AdminKey}")));

        Assert.NotInRange((await host.SendAsync("GET", "/dashboard/version", headers: basic)).Status, 401, 403);
        (await host.SendAsync("POST", "/v1/events", Event, headers: basic)).AssertProblem(401);
        Assert.Empty(host.Cluster.Events);
    }

    [Theory]
    [InlineData("/health/live")]
    [InlineData("/health/ready")]
    [InlineData("/openapi/v1.json")]
    [InlineData("/docs/")]
    public async Task Probes_and_documentation_are_open(string path)
    {
        await using var host = await ApiHost.StartAsync(Keys);

        Assert.Equal(200, (await host.SendAsync("GET", path)).Status);
    }

    [Fact]
    public async Task An_unknown_route_tells_a_stranger_nothing()
    {
        await using var host = await ApiHost.StartAsync(Keys);

        (await host.SendAsync("GET", "/nope")).AssertProblem(401);
        (await host.SendAsync("GET", "/nope", headers: ("X-Api-Key", ReadKey))).AssertProblem(404);
    }

    [Theory]
    [InlineData("evil.example", 400)]
    [InlineData("127.0.0.1.evil.example:8080", 400)]
    [InlineData("localhost:8080", 200)]
    [InlineData("[::1]:8080", 200)]
    public async Task Names_that_are_not_local_are_refused_on_loopback(string name, int status)
    {
        await using var host = await ApiHost.StartAsync();

        var reply = await host.SendAsync("GET", "/v1/scenes", headers: ("Host", name));

        Assert.Equal(status, reply.Status);
        if (status == 400)
            reply.AssertProblem(400, "Host");
    }

    [Fact]
    public async Task With_keys_a_reverse_proxy_may_keep_the_name_that_it_was_called_by()
    {
        await using var host = await ApiHost.StartAsync(Keys);

        Assert.Equal(200, (await host.SendAsync("GET", "/v1/scenes", headers: [("Host", "kg.example"), ("X-Api-Key", ReadKey)])).Status);
        Assert.Equal(200, (await host.SendAsync("GET", "/health/live", headers: ("Host", "kg.example"))).Status);
        (await host.SendAsync("GET", "/v1/scenes", headers: ("Host", "kg.example"))).AssertProblem(401);
    }

    [Theory]
    [InlineData("Kg:Http:Urls", "http://0.0.0.0:8080", true)]
    [InlineData("Kg:Http:Urls", "http://127.0.0.1:8080;http://*:8081", true)]
    [InlineData("urls", "http://+:8080", true)]
    [InlineData("urls", "http://myhost:8080", true)]
    [InlineData("urls", "http://10.0.0.1:8080", true)]
    [InlineData("urls", "http://[::]:8080", true)]
    [InlineData("http_ports", "8080", true)]
    [InlineData("https_ports", "8443", true)]
    [InlineData("Kestrel:Endpoints:Http:Url", "http://*:8080", true)]
    [InlineData("Kg:Http:Urls", "http://localhost:8080;http://[::1]:8080", false)]
    [InlineData("urls", "http://127.0.0.2:1", false)]
    [InlineData("x", "y", false)]
    public void Addresses_beyond_loopback_are_recognised(string key, string value, bool beyond)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [key] = value }).Build();

        Assert.Equal(beyond, ListenAddresses.From(configuration).BeyondLoopback);
    }

    [Fact]
    public async Task A_start_beyond_loopback_without_keys_is_refused_and_names_all_that_is_missing()
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(
            () => ApiHost.StartAsync(("Kg:Http:Urls", "http://0.0.0.0:0"), ("Kg:ApiKeys:Write", "short"), ("Kg:Http:ConcurrentRequests", "0")));

        var told = StartRefusal.Describe(refused);
        Assert.Contains("Kg:ApiKeys:Read or Kg:ApiKeys:ReadFile is missing", told);
        Assert.Contains("Kg:ApiKeys:Write has 5 characters", told);
        Assert.Contains("Kg:ApiKeys:Admin or Kg:ApiKeys:AdminFile is missing", told);
        Assert.Contains("Kg:Http:ConcurrentRequests is 0", told);
        Assert.DoesNotContain("short", told);
    }

    [Fact]
    public void Keys_of_two_roles_must_differ_and_files_must_be_readable()
    {
        var errors = new List<string>();

        Assert.Null(ApiKeyRing.Load(new ApiKeyOptions { Read = ReadKey, Write = ReadKey, AdminFile = "/no/such/file" }, true, errors));

        Assert.Equal(2, errors.Count);
        Assert.Contains(errors, e => e.Contains("the same", StringComparison.Ordinal));
        Assert.Contains(errors, e => e.Contains("Kg:ApiKeys:AdminFile", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Keys_follow_their_files_and_an_unfit_file_leaves_the_old_ones_in_use()
    {
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, ReadKey);
        await using var host = await ApiHost.StartAsync(("Kg:ApiKeys:ReadFile", file), Keys[1], Keys[2]);
        async Task AssertAsync(string key, int status) =>
            Assert.Equal(status, (await host.SendAsync("GET", "/v1/scenes", headers: ("X-Api-Key", key))).Status);

        await File.WriteAllTextAsync(file, "\ufeffother-key-0123456789\n");
        await AssertAsync(ReadKey, 200);
        host.Time.Advance(ApiKeyReload.Period);
        await AssertAsync(ReadKey, 401);
        await AssertAsync("other-key-0123456789", 200);
        await AssertAsync(WriteKey, 200);

        await File.WriteAllTextAsync(file, "short");
        host.Time.Advance(ApiKeyReload.Period);
        await AssertAsync("other-key-0123456789", 200);
        await AssertAsync("short", 401);

        await File.WriteAllTextAsync(file, ReadKey);
        host.Time.Advance(ApiKeyReload.Period);
        await AssertAsync(ReadKey, 200);
        File.Delete(file);
    }

    [Fact]
    public void Key_files_that_are_not_UTF_8_or_hold_several_lines_are_refused()
    {
        var file = Path.GetTempFileName();
        var errors = new List<string>();
        foreach (var content in new[] { Encoding.Latin1.GetBytes(AdminKey + "\u00e9"), Encoding.Unicode.GetPreamble().Concat(Encoding.Unicode.GetBytes(AdminKey)).ToArray() })
        {
            File.WriteAllBytes(file, content);
            Assert.Null(ApiKeyRing.Load(new ApiKeyOptions { Read = ReadKey, Write = WriteKey, AdminFile = file }, true, errors));
        }
        File.WriteAllText(file, AdminKey + "\n" + AdminKey);
        Assert.Null(ApiKeyRing.Load(new ApiKeyOptions { Read = ReadKey, Write = WriteKey, AdminFile = file }, true, errors));
        File.WriteAllBytes(file, [.. new byte[40].Select((_, i) => (byte)(0x80 + i))]);
        Assert.Throws<StartRefusedException>(() => Recommend.PageTokenKey.Load(new Recommend.PageTokenOptions { KeyFile = file }, "."));
        File.Delete(file);

        Assert.Equal(3, errors.Count);
        Assert.All(errors[..2], e => Assert.Contains("is not UTF-8", e));
        Assert.Contains("line break", errors[2]);
        Assert.All(errors, e => Assert.Contains("Kg:ApiKeys:Admin", e));
    }

    [Fact]
    public void Keys_are_read_from_files_without_their_line_end()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, AdminKey + "\n");

        var ring = ApiKeyRing.Load(new ApiKeyOptions { Read = ReadKey, Write = WriteKey, AdminFile = file }, true, [])!;
        File.Delete(file);

        Assert.Equal(["read", "write", "admin"], ring.RolesOf(AdminKey).ToArray());
        Assert.Equal(["read"], ring.RolesOf(ReadKey).ToArray());
        Assert.Empty(ring.RolesOf("").ToArray());
    }
}
