using System.Diagnostics;
using KgOrleans.Api.Documents;
using KgOrleans.Api.Events;
using KgOrleans.Api.Json;
using KgOrleans.Api.Security;
using KgOrleans.DemoWorld;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Storage;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace KgOrleans.Api.Demo;

/// <summary>
/// Fills a store that has no complete demo world through the public HTTP API, then says where to look. A seeding that was interrupted is repeated: every write
/// of it is idempotent.
/// </summary>
internal sealed class DemoSeeder(
    DemoWorldOptions options, DataDirectory data, IServer server, IOptions<ApiKeyOptions> keys, IHostApplicationLifetime lifetime,
    DemoReadiness readiness, TimeProvider time, ILogger<DemoSeeder> logger) : BackgroundService
{
    private const string Marker = "demo";
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await lifetime.ApplicationStarted.WaitAsync(stoppingToken);
            using var http = new HttpClient { BaseAddress = new Uri(LocalAddress()), Timeout = Timeout.InfiniteTimeSpan };
            if (WriteKey() is { } key)
                http.DefaultRequestHeaders.Add("X-Api-Key", key);
            await WaitUntilReadyAsync(http, stoppingToken);
            var seeded = data.ReadDocument<DemoMarker>(Marker) ?? await SeedAsync(http, stoppingToken);
            readiness.Complete();
            SayWhereToLook(http.BaseAddress!, seeded);
        }
        catch (Exception exception) when (
            IsStopping(stoppingToken) && (exception is OperationCanceledException or HttpRequestException or InvalidDataException))
        {
            // After Ctrl-C the server stops before its services do. The next start seeds again.
        }
        catch (Exception exception) when (exception is HttpRequestException or InvalidDataException or StorageException)
        {
            // A demo with half its data would answer in ways that nobody can explain.
            logger.LogError(exception, "Seeding the demo world failed. The next start tries again.");
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
    }

    private async Task<DemoMarker> SeedAsync(HttpClient http, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        Say("The store has no complete demo world; generating it");
        var now = DemoStart.Of(data, time);
        var world = await Task.Run(() => DemoWorldGenerator.Generate(options, now), cancellationToken);
        IReadOnlyList<ItemDocument> items = [.. world.Items, .. world.Others];
        Say($"Generated {Counts(items.Count, world.Users.Count, world.Events.Count)} in {clock.Elapsed.TotalSeconds:0.0} s; sending them");
        await UploadAsync(http, "/v1/items", "items", items, clock, cancellationToken);
        await UploadAsync(http, "/v1/users", "users", world.Users, clock, cancellationToken);
        await SendEventsAsync(http, world, clock, cancellationToken);
        var marker = new DemoMarker(world.WorldId, world.Users[0].UserId, items.Count, world.Users.Count, world.Events.Count, now);
        data.WriteDocument(Marker, marker);
        return marker;
    }

    private static async Task UploadAsync<T>(
        HttpClient http, string path, string what, IReadOnlyList<T> documents, Stopwatch clock, CancellationToken cancellationToken)
    {
        using var content = new NdjsonContent<T>(documents);
        using var response = await http.PostAsync(path, content, cancellationToken);
        await EnsureOkAsync(response, path, cancellationToken);
        var answer = (await response.Content.ReadFromJsonAsync<BulkAnswer>(KgJson.Options, cancellationToken))!;
        if (answer.RejectedCount > 0)
            throw new InvalidDataException($"{answer.RejectedCount} {what} were rejected, the first: {answer.Rejected[0]}");
        Say($"{answer.Accepted:N0} {what} are durable after {clock.Elapsed.TotalSeconds:0.0} s");
    }

    private static async Task SendEventsAsync(HttpClient http, DemoWorldData world, Stopwatch clock, CancellationToken cancellationToken)
    {
        const int callsAtOnce = 4;
        const int progressEvery = 50_000;
        var done = 0;
        await Parallel.ForEachAsync(
            EventCalls.Of(world.Events),
            new ParallelOptions { MaxDegreeOfParallelism = callsAtOnce, CancellationToken = cancellationToken },
            async (call, token) =>
            {
                using var content = new ReadOnlyMemoryContent(call.Utf8);
                content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue(MediaTypes.Json);
                using var response = await http.PostAsync("/v1/events", content, token);
                await EnsureOkAsync(response, "/v1/events", token);
                var answer = (await response.Content.ReadFromJsonAsync<EventsAnswer>(KgJson.Options, token))!;
                if (answer.Rejected.Count > 0)
                    throw new InvalidDataException($"{answer.Rejected.Count} events were rejected, the first: {answer.Rejected[0]}");
                var total = Interlocked.Add(ref done, call.Count);
                if (total / progressEvery != (total - call.Count) / progressEvery || total == world.Events.Count)
                    Say($"{total:N0} of {world.Events.Count:N0} events are durable after {clock.Elapsed.TotalSeconds:0.0} s");
            });
    }

    private static async Task EnsureOkAsync(HttpResponseMessage response, string path, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
            throw new InvalidDataException($"{path} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
    }

    private async Task WaitUntilReadyAsync(HttpClient http, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var response = await http.GetAsync("/health/ready", cancellationToken);
            // All but the demo itself is ready.
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.IsSuccessStatusCode || text.Contains(DemoReadiness.Seeding, StringComparison.Ordinal))
                return;
            await Task.Delay(Poll, time, cancellationToken);
        }
    }

    private bool IsStopping(CancellationToken stoppingToken) => stoppingToken.IsCancellationRequested || lifetime.ApplicationStopping.IsCancellationRequested;

    private string LocalAddress()
    {
        var address = BindingAddress.Parse(server.Features.Get<IServerAddressesFeature>()!.Addresses.First());
        var host = address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "127.0.0.1" : address.Host;
        return $"{address.Scheme}://{host}:{address.Port}";
    }

    private string? WriteKey() => keys.Value switch
    {
        { Write: { } key } => key,
        { WriteFile: { } file } => System.Text.Encoding.UTF8.GetString(Hosting.SecretFile.Read(file, "Kg:ApiKeys:WriteFile")),
        _ => null,
    };

    private void SayWhereToLook(Uri address, DemoMarker seeded)
    {
        var url = address.ToString().TrimEnd('/');
        var header = WriteKey() is null ? "" : " -H 'X-Api-Key: YOUR-KEY'";
        var body = $$"""{"userId":"{{seeded.UserId}}","scene":"feed","pageSize":10,"explain":true}""";
        var seconds = (time.GetUtcNow() - Process.GetCurrentProcess().StartTime.ToUniversalTime()).TotalSeconds;
        Say($$"""

            Ready {{seconds:0.0}} s after the start: {{Counts(seeded.Items, seeded.Users, seeded.Events)}} (world {{seeded.WorldId}}).
              API documentation  {{url}}/docs
              Orleans Dashboard  {{url}}/dashboard

            Ask for a page:
              curl -s {{url}}/v1/recommend -H 'Content-Type: application/json'{{header}} -d '{{body}}'

            Press Ctrl-C to stop.
            """);
    }

    private static string Counts(int items, int users, int events) => $"{items:N0} items, {users:N0} users, {events:N0} events";

    private static void Say(string text) => Console.WriteLine(text);
}

/// <summary>Kept in the data directory once the demo world is complete.</summary>
internal sealed record DemoMarker(string WorldId, string UserId, int Items, int Users, int Events, DateTimeOffset SeededAt);
