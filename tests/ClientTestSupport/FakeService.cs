using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Users;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace KgOrleans.ClientTestSupport;

/// <summary>The HTTP API as far as the command line uses it, in memory: strict JSON, the service's own validators and limits, a set of event ids.</summary>
public sealed class FakeService : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(int Status, string? RetryAfter)> _failures = new();
    private readonly object _lock = new();

    private FakeService(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    public ConcurrentDictionary<string, ItemDocument> Items { get; } = new();

    public ConcurrentDictionary<string, UserDocument> Users { get; } = new();

    /// <summary>Accepted events in the order of their arrival.</summary>
    public List<UserEvent> Events { get; } = [];

    public List<string> EventBodies { get; } = [];

    public List<JsonElement> Recommends { get; } = [];

    public int Calls;

    /// <summary>Answers about scenes: status and body by method, path and query.</summary>
    public Dictionary<string, (int Status, string Body)> Scenes { get; } = [];

    /// <summary>Bodies of writes of scenes, each with its If-Match.</summary>
    public List<(string Body, string IfMatch)> SceneWrites { get; } = [];

    /// <summary>Pages to answer with, by token; the first has none.</summary>
    public Dictionary<string, string> Pages { get; } = [];

    /// <summary>What /metrics says; null when there is none.</summary>
    public Func<string>? Metrics { get; set; }

    /// <summary>Parts of exports by sort; an empty one is answered 400.</summary>
    public Dictionary<string, string[]> Exports { get; } = [];

    /// <summary>Remembered requests as they are answered, by id.</summary>
    public Dictionary<string, string> Requests { get; } = [];

    private readonly HashSet<string> _eventIds = [];

    private readonly HashSet<string> _busyOnce = [];

    /// <summary>Makes the next calls that write or recommend fail.</summary>
    public void FailNext(int status, string? retryAfter = null, int times = 1)
    {
        for (var i = 0; i < times; i++)
            _failures.Enqueue((status, retryAfter));
    }

    /// <summary>Refuses an event or the profile of this user once, for a passing reason.</summary>
    public void BusyOnce(string userId) => _busyOnce.Add(userId);

    public static async Task<FakeService> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var service = new FakeService(app);
        app.Use(async (context, next) =>
        {
            Interlocked.Increment(ref service.Calls);
            if (HttpMethods.IsPost(context.Request.Method) && service._failures.TryDequeue(out var failure))
            {
                if (failure.RetryAfter is not null)
                    context.Response.Headers.RetryAfter = failure.RetryAfter;
                await Problem(failure.Status, "told to fail", "the test said so").ExecuteAsync(context);
                return;
            }
            await next(context);
        });
        app.MapPost("/v1/items", c => service.BulkAsync(c, line =>
        {
            var errors = InputJson.Read<ItemDocument>(line, sent => ItemValidator.Validate(sent, contentDimension: 32), out var item);
            if (item is not null)
                service.Items[item.ItemId] = item;
            return errors;
        }));
        app.MapPost("/v1/users", c => service.BulkAsync(c, line =>
        {
            var errors = InputJson.Read<UserDocument>(line, UserValidator.Validate, out var user);
            if (user is null)
                return errors;
            if (service._busyOnce.Remove(user.UserId))
                return [new FieldError("userId", "unavailable", "moving")];
            service.Users[user.UserId] = user;
            return [];
        }));
        app.MapPost("/v1/events", service.EventsAsync);
        app.MapGet(
            "/v1/items/{id}", (string id, HttpContext c) => service.Document(c, "items/" + id, service.Items.TryGetValue(id, out var item) ? item : null));
        app.MapGet(
            "/v1/users/{id}",
            (string id, HttpContext c) => service.Document(
                c, "users/" + id, service.Users.TryGetValue(id, out var user) ? new { profile = user, history = Array.Empty<string>() } : null));
        app.MapPatch("/v1/items/{id}", (string id, HttpContext c) => service.PatchAsync(c, "items/" + id, service.Items, id));
        app.MapPatch("/v1/users/{id}", (string id, HttpContext c) => service.PatchAsync(c, "users/" + id, service.Users, id));
        app.MapPost("/v1/recommend", service.RecommendAsync);
        app.MapGet("/metrics", () => service.Metrics is { } metrics ? Results.Text(metrics()) : Problem(404, "not found", "metrics"));
        app.Map("/v1/scenes/{**rest}", service.SceneAsync);
        app.MapGet("/v1/export/{sort}", (string sort, int? cursor, HttpContext c) => service.Export(sort, cursor ?? 0, c));
        app.MapGet("/v1/cluster", () => Results.Text("""{"items":20000,"shards":[]}""", "application/json"));
        app.MapGet(
            "/v1/requests/{id}",
            (string id) => service.Requests.TryGetValue(id, out var json) ? Results.Text(json, "application/json") : Problem(404, "not found", id));
        await app.StartAsync();
        return service;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static IResult Problem(int status, string title, string detail) =>
        Results.Text(JsonSerializer.Serialize(new { title, detail, status }), "application/problem+json", Encoding.UTF8, status);

    /// <summary>Called before a patch is looked at, with the path below /v1: another writer may come in between.</summary>
    public Action<string>? BeforePatch { get; set; }

    /// <summary>Patches that were applied, as path and body.</summary>
    public ConcurrentQueue<(string Path, string Body)> Patches { get; } = new();

    /// <summary>Version of each document that was patched or touched.</summary>
    public ConcurrentDictionary<string, int> Versions { get; } = new();

    private IResult Export(string sort, int part, HttpContext context)
    {
        var parts = Exports[sort];
        if (parts[part].Length == 0)
            return Problem(400, "not valid", "cursor");
        if (part + 1 < parts.Length)
            context.Response.Headers.Link = $"</v1/export/{sort}?cursor={part + 1}>; rel=\"next\"";
        return Results.Text(parts[part], "application/x-ndjson");
    }

    private IResult Document(HttpContext context, string path, object? document)
    {
        context.Response.Headers.ETag = $"\"{Versions.GetOrAdd(path, 1)}\"";
        return document is null ? Problem(404, "not found", path) : Results.Json(document, KgJson.Options);
    }

    private async Task<IResult> PatchAsync<T>(HttpContext context, string path, ConcurrentDictionary<string, T> documents, string id)
        where T : class
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        BeforePatch?.Invoke(path);
        if (!documents.TryGetValue(id, out var document))
            return Problem(404, "not found", path);
        if (context.Request.ContentType != "application/merge-patch+json")
            return Problem(415, "unsupported", context.Request.ContentType ?? "");
        if (context.Request.Headers.IfMatch.ToString() is { Length: > 0 } match && match != $"\"{Versions.GetOrAdd(path, 1)}\"")
            return Problem(412, "other version", path);
        var merged = JsonSerializer.SerializeToNode(document, KgJson.Options)!.AsObject();
        foreach (var (name, value) in System.Text.Json.Nodes.JsonNode.Parse(body)!.AsObject())
            merged[name] = value?.DeepClone();
        documents[id] = merged.Deserialize<T>(KgJson.Options)!;
        Versions.AddOrUpdate(path, 2, (_, v) => v + 1);
        Patches.Enqueue((path, body));
        return Results.Json(new { id, version = Versions[path] });
    }

    private async Task BulkAsync(HttpContext context, Func<byte[], IReadOnlyList<FieldError>> write)
    {
        if (context.Request.ContentType != "application/x-ndjson")
        {
            await Problem(415, "unsupported", context.Request.ContentType ?? "").ExecuteAsync(context);
            return;
        }
        using var reader = new StreamReader(context.Request.Body);
        long number = 0, accepted = 0;
        var rejected = new List<object>();
        while (await reader.ReadLineAsync() is { } line)
        {
            number++;
            if (line.Length == 0)
                continue;
            var errors = write(Encoding.UTF8.GetBytes(line));
            if (errors.Count == 0)
                accepted++;
            else
                rejected.Add(new { line = number, code = errors[0].Code, message = errors[0].ToString() });
        }
        await context.Response.WriteAsJsonAsync(new { accepted, rejected = rejected.Take(1_000), rejectedCount = rejected.Count });
    }

    private async Task EventsAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync();
        if (Encoding.UTF8.GetByteCount(body) > Limits.JsonBody)
        {
            await Problem(413, "too large", body.Length.ToString(CultureInfo.InvariantCulture)).ExecuteAsync(context);
            return;
        }
        var events = JsonSerializer.Deserialize<EventsBody>(body, InputJson.Options)!.Events;
        int accepted = 0, duplicates = 0;
        var rejected = new List<object>();
        lock (_lock)
        {
            EventBodies.Add(body);
            for (var i = 0; i < events.Count; i++)
            {
                var e = events[i];
                if (_busyOnce.Remove(e.UserId))
                    rejected.Add(new { index = i, code = "unavailable", message = "moving", retryable = true });
                else if (EventValidator.Validate(e, DateTimeOffset.UtcNow) is [var error, ..])
                    rejected.Add(new { index = i, code = error.Code, message = error.ToString(), retryable = false });
                else if (!Items.ContainsKey(e.ItemId))
                    rejected.Add(new { index = i, code = "unknownItem", message = e.ItemId, retryable = false });
                else if (!_eventIds.Add(e.IdOrHash()))
                    duplicates++;
                else
                {
                    accepted++;
                    Events.Add(e);
                }
            }
        }
        await context.Response.WriteAsJsonAsync(new { accepted, duplicates, rejected });
    }

    private async Task RecommendAsync(HttpContext context)
    {
        var request = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body);
        lock (_lock)
            Recommends.Add(request);
        var token = request.TryGetProperty("pageToken", out var t) ? t.GetString()! : "";
        await (Pages.TryGetValue(token, out var page)
            ? Results.Text(page, "application/json")
            : Problem(404, "unknown scene", "there is no scene 'nowhere'")).ExecuteAsync(context);
    }

    private async Task SceneAsync(HttpContext context)
    {
        var request = context.Request;
        if (request.Method != "GET")
        {
            using var reader = new StreamReader(request.Body);
            SceneWrites.Add((await reader.ReadToEndAsync(), request.Headers.IfMatch.ToString()));
        }
        await (Scenes.TryGetValue($"{request.Method} {request.Path}{request.QueryString}", out var answer)
            ? Results.Text(answer.Body, answer.Status < 300 ? "application/json" : "application/problem+json", Encoding.UTF8, answer.Status)
            : request is { Method: "GET", Path.Value: "/v1/scenes/feed" }
            ? Results.Json(new { scene = "feed", version = 1, document = new SceneDocument { Scene = "feed" }, added = "later" }, KgJson.Options)
            : Problem(404, "Not Found", "scene: there is no such scene")).ExecuteAsync(context);
    }

    private sealed record EventsBody(IReadOnlyList<UserEvent> Events);
}
