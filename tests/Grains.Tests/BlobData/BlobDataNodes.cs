using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.TestSupport;
using Microsoft.Extensions.DependencyInjection;

namespace KgOrleans.Grains.Tests.BlobData;

/// <summary>Nodes whose logs are in a container of their own, over a data directory of their own.</summary>
internal sealed class BlobDataNodes(AzuriteServer azurite) : IDisposable
{
    public string Container { get; } = "data-" + Guid.NewGuid().ToString("N");

    public string Data { get; } = TestNode.NewData();

    public BlobContainerClient Client => new BlobServiceClient(azurite.ConnectionString).GetBlobContainerClient(Container);

    /// <summary>The settings of a node, by configuration alone.</summary>
    /// <param name="change">Changes them.</param>
    public Dictionary<string, string?> Settings(Action<Dictionary<string, string?>>? change = null)
    {
        var settings = new Dictionary<string, string?>
        {
            ["Kg:Data:Logs"] = "blobs",
            ["Kg:Data:Blobs:Service"] = "store",
            ["Kg:Data:Blobs:Container"] = Container,
            ["Kg:Data:Blobs:LingerMs"] = "1",
            ["Kg:BlobServices:store:ConnectionString"] = azurite.ConnectionString,
        };
        change?.Invoke(settings);
        return settings;
    }

    public Task<TestNode> StartAsync(
        Action<Dictionary<string, string?>>? change = null, string? data = null, Action<IServiceCollection>? services = null) =>
        TestNode.StartAsync(data ?? Data, shards: 2, settings: Settings(change), services: services);

    public async Task<List<string>> BlobsAsync(string prefix = "")
    {
        var names = new List<string>();
        await foreach (var blob in Client.GetBlobsAsync(BlobTraits.None, BlobStates.None, prefix, default))
            names.Add(blob.Name);
        return names;
    }

    public async Task<long> BytesAsync(string prefix)
    {
        var bytes = 0L;
        await foreach (var blob in Client.GetBlobsAsync(BlobTraits.None, BlobStates.None, prefix, default))
            bytes += blob.Properties.ContentLength ?? 0;
        return bytes;
    }

    public static ItemDocument Item(int number, string creator = "c1") =>
        new() { ItemId = $"w{number}", CreatorId = creator, Kind = ItemKind.Audio, PublishedAt = DateTimeOffset.UtcNow };

    public static UserEvent Like(int item, string user = "u1") =>
        new() { EventId = $"{user}-like-{item}", UserId = user, ItemId = $"w{item}", Type = EventType.Like };

    public static UserEvent Play(int item, string user = "u1") =>
        new() { EventId = $"{user}-play-{item}", UserId = user, ItemId = $"w{item}", Type = EventType.Play, Value = 60 };

    public static Task<ItemReply?> ItemAsync(TestNode node, int number) =>
        node.Grains.GetGrain<IItemShardGrain>(Key64.Shard(Key64.Of($"w{number}"), node.ShardCount)).GetItem($"w{number}", default);

    public static Task<ItemShardView[]> StatesAsync(TestNode node) =>
        Task.WhenAll(Enumerable.Range(0, node.ShardCount).Select(shard => node.Grains.GetGrain<IItemShardGrain>(shard).GetState()));

    public static async Task<int> CountAsync(TestNode node) => (await StatesAsync(node)).Sum(s => s.Items);

    public void Dispose()
    {
        if (Directory.Exists(Data))
            Directory.Delete(Data, recursive: true);
    }
}
