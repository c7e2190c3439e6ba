using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Users;
using KgOrleans.Silo;
using KgOrleans.TestSupport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Tests;

/// <summary>A real silo over a data directory of its own.</summary>
internal sealed partial class TestNode : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly bool _ownsData;

    private TestNode(IHost host, string data, int shards, bool ownsData)
    {
        _host = host;
        Data = data;
        ShardCount = shards;
        _ownsData = ownsData;
        Grains = host.Services.GetRequiredService<IGrainFactory>();
    }

    public string Data { get; }

    public int ShardCount { get; }

    public IGrainFactory Grains { get; }

    public T Service<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    /// <summary>Settings of a node that serves with the demo bundle.</summary>
    public static Dictionary<string, string?> WithModel() =>
        new() { ["Kg:Model:Path"] = Path.Combine(RepositoryRoot.Path, "models", "demo"), ["Kg:Catalogue:WorldId"] = "demo-1" };

    public static string NewData() => Path.Combine(Path.GetTempPath(), "kg-test-" + Guid.NewGuid().ToString("N"));

    public static async Task<TestNode> StartAsync(
        string? data = null, int shards = 8, Dictionary<string, string?>? settings = null, Action<IServiceCollection>? services = null)
    {
        var path = data ?? NewData();
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(settings ?? [])
        {
            ["Kg:Data:Path"] = path,
            ["Kg:Shards:Count"] = shards.ToString(System.Globalization.CultureInfo.InvariantCulture),
        });
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.AddKgSilo();
        services?.Invoke(builder.Services);
        var host = builder.Build();
        try
        {
            await host.StartAsync();
        }
        catch
        {
            await ((IAsyncDisposable)host).DisposeAsync();
            throw;
        }
        return new TestNode(host, path, shards, data is null);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
        if (_ownsData)
            Directory.Delete(Data, recursive: true);
    }

    public async Task<WriteResult[]> PutAsync(params ItemDocument[] items)
    {
        var results = new WriteResult[items.Length];
        foreach (var group in items.Select((item, index) => (item, index)).GroupBy(x => Key64.Shard(Key64.Of(x.item.ItemId), ShardCount)))
        {
            var writes = group.Select(x => new ItemWrite(WriteOperation.Put, x.item.ItemId, JsonSerializer.SerializeToUtf8Bytes(x.item, KgJson.Options), null));
            var reply = await Grains.GetGrain<IItemShardGrain>(group.Key).Write(new ItemWrites([.. writes]), default);
            foreach (var (x, result) in group.Zip(reply.Results))
                results[x.index] = result;
        }
        return results;
    }

    public async Task<WriteResult> WriteAsync(WriteOperation operation, string itemId, string json = "", long? ifMatch = null) =>
        (await Grains.GetGrain<IItemShardGrain>(Key64.Shard(Key64.Of(itemId), ShardCount))
            .Write(new ItemWrites([new ItemWrite(operation, itemId, System.Text.Encoding.UTF8.GetBytes(json), ifMatch)]), default)).Results[0];

    public Task<WriteResult> PutUserAsync(UserDocument user) =>
        Grains.GetGrain<IUserGrain>(user.UserId)
            .WriteProfile(new ProfileCommand(WriteOperation.Put, JsonSerializer.SerializeToUtf8Bytes(user, KgJson.Options), null), default);

    public Task<(WriteStatus Status, long Version)> PutSceneAsync(SceneDocument document, long? ifMatch = null) =>
        WriteSceneAsync(new SceneCommand { Scene = document.Scene, Json = JsonSerializer.SerializeToUtf8Bytes(document, KgJson.Options), IfMatch = ifMatch });

    public async Task<(WriteStatus Status, long Version)> WriteSceneAsync(SceneCommand command)
    {
        var result = await Grains.GetGrain<ISceneRegistryGrain>(ISceneRegistryGrain.Key).Write(command, default);
        return (result.Status, result.Version);
    }

    public Task<EventStatus[]> RecordAsync(params UserEvent[] events) => RecordAsync(DateTimeOffset.UtcNow, events);

    /// <summary>Records events as those that arrive at a time.</summary>
    public async Task<EventStatus[]> RecordAsync(DateTimeOffset now, params UserEvent[] events)
    {
        var command = new EventsCommand([.. events.Select(e => JsonSerializer.SerializeToUtf8Bytes(EventValidator.Complete(e, now), KgJson.Options))])
        {
            Filled = Array.ConvertAll(events, EventsCommand.LackedBy),
        };
        return (await Grains.GetGrain<IUserGrain>(events[0].UserId).RecordEvents(command, default)).Statuses;
    }

    public Task<RecommendReply> RecommendAsync(string user, Func<RecommendCommand, RecommendCommand>? change = null)
    {
        var command = new RecommendCommand
        {
            RequestId = "r1",
            UserId = user,
            Scene = "feed",
            PageSize = 10,
            DryRun = true,
            Explain = true,
            TimeoutMs = 20_000,
        };
        return Grains.GetGrain<ICoordinatorGrain>(0).Recommend(change?.Invoke(command) ?? command, default);
    }

    public async Task<RecommendAnswer> PageAsync(string user, Func<RecommendCommand, RecommendCommand>? change = null)
    {
        var reply = await RecommendAsync(user, change);
        Assert.Equal(RecommendStatus.Ok, reply.Status);
        return reply.Answer!;
    }
}
