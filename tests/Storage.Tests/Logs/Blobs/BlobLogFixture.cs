using System.Globalization;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using KgOrleans.Storage.Logs.Blobs;
using KgOrleans.TestSupport;

namespace KgOrleans.Storage.Tests.Logs.Blobs;

/// <summary>One Azurite with a container of logs.</summary>
public sealed class BlobLogFixture : IAsyncLifetime
{
    public const string ContainerName = "kg-logs";

    private static int _names;

    private AzuriteServer? _azurite;

    public AzuriteServer Azurite => _azurite!;

    public BlobContainerClient Container => new BlobServiceClient(Azurite.ConnectionString).GetBlobContainerClient(ContainerName);

    internal static ListLogger<BlobLogMedium> Logger { get; } = new();

    public static string NewName() => string.Create(CultureInfo.InvariantCulture, $"log-{Interlocked.Increment(ref _names)}");

    public static byte[] Bytes(int seed, int count)
    {
        byte[] bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public async ValueTask InitializeAsync()
    {
        if (AzuriteServer.Missing is not null)
            return;
        _azurite = await AzuriteServer.StartAsync();
        await Container.CreateAsync();
    }

    public ValueTask DisposeAsync() => _azurite?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>A medium as one process opens it, with clients and connections of its own.</summary>
    internal BlobLogMedium Open(string name, BlobLogOptions? options = null, int? port = null) =>
        Open(AzuriteServer.ConnectionStringThrough(port ?? Azurite.Port), name, options);

    /// <summary>The store as one process has it, with clients and connections of its own.</summary>
    public BlobLogStore OpenStore(BlobLogOptions options, string container = ContainerName) => new(
        new BlobServiceClient(Azurite.ConnectionString, options.CreateClientOptions()).GetBlobContainerClient(container), options, new ListLogger<BlobLogStore>());

    internal static BlobLogMedium Open(string connectionString, string name, BlobLogOptions? options = null)
    {
        options ??= new BlobLogOptions();
        var container = new BlobServiceClient(connectionString, options.CreateClientOptions()).GetBlobContainerClient(ContainerName);
        return new BlobLogMedium(container, name, options, Logger);
    }

    internal AppendBlobClient AppendBlob(string name, string segment) => Container.GetAppendBlobClient($"logs/{name}/{segment}");

    internal async Task<byte[]> ContentAsync(string name, string segment) =>
        (await AppendBlob(name, segment).DownloadContentAsync()).Value.Content.ToArray();

    /// <summary>Waits until an append that has no answer yet was carried out, as the service sees it.</summary>
    internal async Task<BlobProperties> CarriedOutAsync(Task append, string name, string segment, long length)
    {
        while (true)
        {
            bool ended = append.IsCompleted;
            BlobProperties found = await AppendBlob(name, segment).GetPropertiesAsync();
            if (found.ContentLength >= length)
                return found;
            Assert.False(ended, $"The append ended without being carried out: {append.Exception}");
        }
    }
}

[CollectionDefinition(nameof(BlobLogCollection))]
public sealed class BlobLogCollection : ICollectionFixture<BlobLogFixture>;
