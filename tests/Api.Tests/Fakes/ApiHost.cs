using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using KgOrleans.Api.Hosting;
using KgOrleans.Api.Problems;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orleans.Dashboard;

namespace KgOrleans.Api.Tests.Fakes;

/// <summary>The API on a free port of a real server, before grains in memory.</summary>
internal sealed class ApiHost : IAsyncDisposable
{
    public const int Shards = 4;
    public const int ContentDimension = 3;

    private readonly WebApplication _app;
    private readonly string _data;

    private ApiHost(WebApplication app, string data, FakeCluster cluster, FakeTimeProvider time)
    {
        _app = app;
        _data = data;
        Cluster = cluster;
        Time = time;
        Http = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
    }

    public FakeCluster Cluster { get; }

    public FakeTimeProvider Time { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    public string DataPath => _data;

    public Uri Address => Http.BaseAddress!;

    public static Task<ApiHost> StartAsync(params (string Key, string Value)[] settings) => StartAsync(_ => { }, settings);

    public static async Task<ApiHost> StartAsync(Action<IServiceCollection> services, params (string Key, string Value)[] settings)
    {
        var data = Directory.CreateTempSubdirectory("kg-api-").FullName;
        var cluster = new FakeCluster();
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 6, 1, 12, 0, 0, TimeSpan.Zero));
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["Kg:Http:Urls"] = "http://127.0.0.1:0" });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(s => s.Key, s => (string?)s.Value));
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<TimeProvider>(time);
        builder.Services.AddSingleton(cluster.Factory);
        builder.Services.AddSingleton(new CatalogueShape(Shards, ContentDimension, data));
        AddDashboardRoutes(builder);
        builder.AddKgApi();
        services(builder.Services);
        var app = builder.Build();
        app.MapKgApi();
        await app.StartAsync();
        return new ApiHost(app, data, cluster, time);
    }

    public Task StopAsync() => _app.StopAsync();

    public Task<Reply> SendAsync(
        string method, string path, string? body = null, string? mediaType = "application/json", params (string Name, string Value)[] headers) =>
        SendAsync(method, path, body is null ? null : Encoding.UTF8.GetBytes(body), mediaType, headers);

    public async Task<Reply> SendAsync(string method, string path, byte[]? body, string? mediaType, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            if (mediaType is not null)
                request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        }
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content!.Headers.TryAddWithoutValidation(name, value);
        }
        using var response = await Http.SendAsync(request);
        return new Reply(
            (int)response.StatusCode, response.Content.Headers.ContentType?.MediaType, await response.Content.ReadAsStringAsync(),
            response.Headers.ETag?.Tag, response.Headers.RetryAfter?.ToString(), response.Headers.TryGetValues("Link", out var links) ? links.Single() : null);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    // The dashboard's routes exist without a silo; what runs in the background needs one.
    private static void AddDashboardRoutes(WebApplicationBuilder builder)
    {
        var services = new ServiceCollection();
        new ServicesOnly(services, builder.Configuration).AddDashboard();
        foreach (var service in services.Where(s => s.ServiceType != typeof(IHostedService)))
            builder.Services.Add(service);
    }

    private sealed record ServicesOnly(IServiceCollection Services, IConfiguration Configuration) : ISiloBuilder;
}

/// <summary>One host for the tests of a class, for tests that leave no trace.</summary>
public sealed class SharedApiHost : IAsyncLifetime
{
    internal ApiHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await ApiHost.StartAsync();

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

/// <summary>An answer of the API.</summary>
internal sealed record Reply(int Status, string? MediaType, string Body, string? ETag, string? RetryAfter, string? Link)
{
    public JsonElement Json => JsonElement.Parse(Body);

    /// <summary>Fields that a problem names.</summary>
    public string[] Fields =>
        Json.TryGetProperty("errors", out var errors) ? [.. errors.EnumerateArray().Select(e => e.GetProperty("field").GetString()!)] : [];

    /// <summary>Asserts a whole problem: status, form, and the field when one is expected.</summary>
    public void AssertProblem(int status, string? field = null)
    {
        Assert.True(status == Status, $"expected {status}, got {Status}: {Body}");
        Assert.Equal(Problem.MediaType, MediaType);
        Assert.Equal(status, Json.GetProperty("status").GetInt32());
        Assert.StartsWith("urn:kgorleans:problem:", Json.GetProperty("type").GetString());
        Assert.NotEmpty(Json.GetProperty("title").GetString()!);
        Assert.NotEmpty(Json.GetProperty("traceId").GetString()!);
        Assert.DoesNotContain("KgOrleans.", Body);
        Assert.DoesNotContain("System.", Body);
        if (field is not null)
            Assert.Contains(field, Fields);
    }
}
