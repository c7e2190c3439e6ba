using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Client;

/// <summary>
/// The HTTP API as this program uses it. Every call is safe to repeat (documents replace, events carry ids), so that all are retried alike. Throws <see
/// cref="ApiException"/>.
/// </summary>
public sealed class KgClient : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(100);

    // The service may add members to its answers; a client that is a version behind ignores them.
    private static readonly JsonSerializerOptions Lenient = new(
        KgJson.Options)
    { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Skip };

    private readonly HttpClient _http;
    private readonly RetryPolicy _retries;
    private readonly TimeProvider _time;
    private volatile bool _reached;

    /// <summary>A client of one service.</summary>
    public KgClient(Uri url, string? apiKey, RetryPolicy retries, TimeProvider time, HttpMessageHandler? handler = null)
    {
        _http = new HttpClient(handler ?? new SocketsHttpHandler { PooledConnectionIdleTimeout = TimeSpan.FromMinutes(2) })
        {
            BaseAddress = new Uri(url.AbsoluteUri.TrimEnd('/') + "/"),
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
        };
        if (apiKey is not null)
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        _retries = retries;
        _time = time;
    }

    /// <summary>Address of the service.</summary>
    public Uri Url => _http.BaseAddress!;

    /// <summary>Sends documents, one to a line, to <c>v1/items</c> or <c>v1/users</c>.</summary>
    public async Task<BulkReply> PostNdjsonAsync(string path, ReadOnlyMemory<byte> lines, CancellationToken cancellation) =>
        Read<BulkReply>(await SendAsync(HttpMethod.Post, path, lines, "application/x-ndjson", cancellation));

    /// <summary>Sends a batch of events: a JSON body of at most <see cref="Limits.JsonBody"/> bytes.</summary>
    public async Task<EventsReply> PostEventsAsync(ReadOnlyMemory<byte> body, CancellationToken cancellation) =>
        Read<EventsReply>(await SendAsync(HttpMethod.Post, "v1/events", body, "application/json", cancellation));

    /// <summary>Asks for a page; returns the answer as it came and as read.</summary>
    public async Task<(string Json, RecommendReply Reply)> RecommendAsync(RecommendRequest request, CancellationToken cancellation)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(request, KgJson.Options);
        var json = await SendAsync(HttpMethod.Post, "v1/recommend", body, "application/json", cancellation);
        return (Encoding.UTF8.GetString(json), Read<RecommendReply>(json));
    }

    /// <summary>A remembered request, as it came and as read; null when the service does not remember it.</summary>
    public async Task<(string Json, RequestReply Reply)?> FindRequestAsync(string requestId, CancellationToken cancellation) =>
        await FindAsync($"v1/requests/{requestId}", cancellation) is { } json ? (Encoding.UTF8.GetString(json), Read<RequestReply>(json)) : null;

    /// <summary>The service's metrics in the Prometheus format; null when it has none.</summary>
    public async Task<string?> FindMetricsAsync(CancellationToken cancellation) =>
        await FindAsync("metrics", cancellation) is { } text ? Encoding.UTF8.GetString(text) : null;

    /// <summary>The pipeline of a scene; null when there is none.</summary>
    public async Task<SceneDocument?> FindSceneAsync(string scene, CancellationToken cancellation) =>
        await FindAsync($"v1/scenes/{scene}", cancellation) is { } json ? Read<SceneReply>(json).Document.Deserialize<SceneDocument>(Lenient) : null;

    /// <summary>Items of the whole catalogue.</summary>
    public async Task<long> CountItemsAsync(CancellationToken cancellation) =>
        Read<ClusterReply>(await SendAsync(HttpMethod.Get, "v1/cluster", null, null, cancellation)).Items;

    /// <summary>An item's document; null when there is none.</summary>
    public async Task<ItemDocument?> FindItemAsync(string itemId, CancellationToken cancellation) =>
        await FindAsync($"v1/items/{itemId}", cancellation) is { } json ? Read<ItemDocument>(json) : null;

    /// <summary>The world of a user; null when there is no such user, an empty string when the profile names none.</summary>
    public async Task<string?> FindUserWorldAsync(string userId, CancellationToken cancellation)
    {
        if (await FindAsync($"v1/users/{userId}", cancellation) is not { } json)
            return null;
        var user = Read<JsonElement>(json);
        if (user.TryGetProperty("profile", out var profile) && profile.ValueKind == JsonValueKind.Object)
            user = profile;
        return user.TryGetProperty("worldId", out var world) && world.ValueKind == JsonValueKind.String ? world.GetString()! : "";
    }

    /// <summary>A part of an export: NDJSON as the uploads take it, and where the next part is; null when this is the last one.</summary>
    /// <param name="path">The <c>Next</c> of the part before; <c>v1/export/items</c> or <c>v1/export/events</c> for the first.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<(byte[] Lines, string? Next)> ExportAsync(string path, CancellationToken cancellation)
    {
        var (lines, headers) = await ExchangeAsync(HttpMethod.Get, path, null, null, null, cancellation);
        return (lines, headers.TryGetValues("Link", out var links) ? NextOf(links) : null);
    }

    /// <summary>A document with its ETag; null when there is none.</summary>
    public async Task<(JsonElement Document, string? ETag)?> FindDocumentAsync(string path, CancellationToken cancellation)
    {
        try
        {
            var (json, headers) = await ExchangeAsync(HttpMethod.Get, path, null, null, null, cancellation);
            return (Read<JsonElement>(json), headers.ETag?.ToString());
        }
        catch (ApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    /// <summary>
    /// Merges into a document (RFC 7396) that still has an ETag; null for any. A repetition after an answer that was lost finds another ETag and is refused.
    /// </summary>
    public Task PatchAsync(string path, ReadOnlyMemory<byte> patch, string? ifMatch, CancellationToken cancellation) =>
        ExchangeAsync(HttpMethod.Patch, path, patch, "application/merge-patch+json", ifMatch, cancellation);

    /// <summary>All scenes in their newest versions.</summary>
    public async Task<(string Json, ScenesReply Reply)> ListScenesAsync(CancellationToken cancellation)
    {
        var json = await SendAsync(HttpMethod.Get, "v1/scenes", null, null, cancellation);
        return (Encoding.UTF8.GetString(json), Read<ScenesReply>(json));
    }

    /// <summary>A scene in a version, the newest when none is named.</summary>
    public async Task<SceneReply> GetSceneAsync(string scene, int? version, CancellationToken cancellation) =>
        Read<SceneReply>(await SendAsync(HttpMethod.Get, $"{ScenePath(scene)}{(version is null ? "" : $"/versions/{version}")}", null, null, cancellation));

    /// <summary>Versions of a scene.</summary>
    public async Task<(string Json, SceneVersionsReply Reply)> ListSceneVersionsAsync(string scene, CancellationToken cancellation)
    {
        var json = await SendAsync(HttpMethod.Get, $"{ScenePath(scene)}/versions", null, null, cancellation);
        return (Encoding.UTF8.GetString(json), Read<SceneVersionsReply>(json));
    }

    /// <summary>Writes a scene; returns its version.</summary>
    public async Task<long> PutSceneAsync(string scene, ReadOnlyMemory<byte> document, int? ifMatch, CancellationToken cancellation) =>
        Read<WrittenReply>(await SendAsync(HttpMethod.Put, ScenePath(scene), document, "application/json", cancellation, ifMatch)).Version;

    /// <summary>Checks a scene's document without writing it; returns the version that it would replace, 0 for none.</summary>
    public async Task<long> ValidateSceneAsync(string scene, ReadOnlyMemory<byte> document, CancellationToken cancellation) =>
        Read<ValidSceneReply>(
            await SendAsync(HttpMethod.Put, $"{ScenePath(scene)}?validateOnly=true", document, "application/json", cancellation)).CurrentVersion;

    /// <summary>Makes the content of a version the newest one; returns its version.</summary>
    public async Task<long> RestoreSceneAsync(string scene, int version, int? ifMatch, CancellationToken cancellation) =>
        Read<WrittenReply>(await SendAsync(HttpMethod.Post, $"{ScenePath(scene)}/versions/{version}/restore", null, null, cancellation, ifMatch)).Version;

    /// <inheritdoc />
    public void Dispose() => _http.Dispose();

    // RFC 8288, as far as the service writes it: <path>; rel="next".
    private static string? NextOf(IEnumerable<string> links)
    {
        const string next = ">; rel=\"next\"";
        return links.FirstOrDefault(l => l.StartsWith("</", StringComparison.Ordinal) && l.EndsWith(next, StringComparison.Ordinal)) is { } link
            ? link[2..^next.Length]
            : null;
    }

    private static string ScenePath(string scene) => $"v1/scenes/{Uri.EscapeDataString(scene)}";

    private static T Read<T>(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, Lenient) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new ApiException($"the service's answer could not be read: {e.Message}", e);
        }
    }

    private async Task<byte[]?> FindAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await SendAsync(HttpMethod.Get, path, null, null, cancellation);
        }
        catch (ApiException e) when (e.Status == HttpStatusCode.NotFound)
        {
            return null;
        }
    }

    private async Task<byte[]> SendAsync(
        HttpMethod method, string path, ReadOnlyMemory<byte>? body, string? mediaType, CancellationToken cancellation, int? ifMatch = null) =>
        (await ExchangeAsync(method, path, body, mediaType, ifMatch is { } version ? $"\"{version}\"" : null, cancellation)).Body;

    private async Task<(byte[] Body, HttpResponseHeaders Headers)> ExchangeAsync(
        HttpMethod method, string path, ReadOnlyMemory<byte>? body, string? mediaType, string? ifMatch, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            TimeSpan? asked = null;
            ApiException failure;
            try
            {
                using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                timeout.CancelAfter(Timeout);
                using var request = new HttpRequestMessage(method, path);
                if (body is { } content)
                {
                    request.Content = new ReadOnlyMemoryContent(content);
                    request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType!);
                }
                if (ifMatch is not null)
                    request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
                using var response = await _http.SendAsync(request, timeout.Token);
                _reached = true;
                if (response.IsSuccessStatusCode)
                    return (await response.Content.ReadAsByteArrayAsync(timeout.Token), response.Headers);
                failure = ApiException.From(method, "/" + path, response.StatusCode, await response.Content.ReadAsStringAsync(timeout.Token));
                asked = response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - _time.GetUtcNow() : null;
            }
            catch (HttpRequestException e)
            {
                failure = new ApiException($"{Url} cannot be reached ({e.Message}): is the service running? Another address is given by --url or KG_URL.", e);
                // A service that was never there is reported at once; one that went away may be restarting.
                if (!_reached)
                    throw failure;
            }
            catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
            {
                failure = new ApiException($"{method} /{path}: no answer within {Timeout.TotalSeconds:0} s", e);
            }
            if (!failure.IsTransient || attempt >= _retries.Attempts)
                throw failure;
            await Task.Delay(_retries.DelayAfter(attempt, asked, Random.Shared.NextDouble()), _time, cancellation);
        }
    }
}
