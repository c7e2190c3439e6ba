using Azure.Storage.Blobs;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
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
        await foreach (var blob in Client.GetBlobsAsync(Azure.Storage.Blobs.Models.BlobTraits.None, Azure.Storage.Blobs.Models.BlobStates.None, prefix, default))
            names.Add(blob.Name);
        return names;
    }

    public static ItemDocument Item(int number, string creator = "c1") =>
        new() { ItemId = $"w{number}", CreatorId = creator, Kind = ItemKind.Audio, PublishedAt = DateTimeOffset.UtcNow };

    public static UserEvent Like(int item, string user = "u1") =>
        new() { EventId = $"{user}-like-{item}", UserId = user, ItemId = $"w{item}", Type = EventType.Like };

    public static UserEvent Play(int item, string user = "u1") =>
        new() { EventId = $"{user}-play-{item}", UserId = user, ItemId = $"w{item}", Type = EventType.Play, Value = 60 };

    public void Dispose()
    {
        if (Directory.Exists(Data))
            Directory.Delete(Data, recursive: true);
    }
}
