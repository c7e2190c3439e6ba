using System.Text;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Logs.Blobs;

namespace KgOrleans.Storage.Tests.Logs.Blobs;

/// <summary>Logs and documents of a container of their own.</summary>
public sealed class BlobLogStoreTests(BlobLogFixture logs) : BlobLogTests(logs), IAsyncLifetime
{
    private static readonly BlobLogOptions Options = new() { Linger = TimeSpan.Zero };

    private readonly string _container = "store-" + Guid.NewGuid().ToString("N");

    private BlobContainerClient Container => new BlobServiceClient(Logs.Azurite.ConnectionString).GetBlobContainerClient(_container);

    public async ValueTask InitializeAsync() => await Container.CreateAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Logs_are_found_again_by_their_names_and_listed_in_order()
    {
        await using (var log = await Open().OpenAsync("b-2"))
            await log.AppendAsync(LogFixture.Records([1], [2]));
        await (await Open().OpenAsync("b-10")).DisposeAsync();
        await Open().WriteDocumentAsync("a-document", new byte[1]);
        Assert.Equal(["b-10", "b-2"], await Open().ListAsync());
        await using var again = await Open().OpenAsync("b-2");
        Assert.Equal(("b-2", 2), (again.Name, again.Epoch));
        Assert.Equal([[1], [2]], await LogFixture.ReadAllAsync(again));
    }

    [Fact]
    public async Task A_store_has_records_only_when_some_log_has_one_however_often_empty_logs_were_opened()
    {
        Assert.False(await Open().HasRecordsAsync());
        await Open().WriteDocumentAsync("long", new byte[10_000]);
        for (int i = 0; i < 3; i++)
        {
            await (await Open().OpenAsync("empty")).DisposeAsync();
            Assert.False(await Open().HasRecordsAsync());
        }
        await using (var medium = new BlobLogMedium(Container, "empty", Options, BlobLogFixture.Logger))
        {
            foreach (string segment in await medium.ListAsync(None))
                await medium.CloseAsync(segment, None);
        }
        Assert.False(await Open().HasRecordsAsync());
        await using (var log = await Open().OpenAsync("one"))
            await log.AppendAsync([new byte[1]]);
        Assert.True(await Open().HasRecordsAsync());
    }

    [Fact]
    public async Task A_document_is_what_was_written_last()
    {
        Assert.Null(await Open().ReadDocumentAsync("notes"));
        await Open().WriteDocumentAsync("notes", "one"u8.ToArray());
        await Open().WriteDocumentAsync("notes", "two"u8.ToArray());
        Assert.Equal("two"u8.ToArray(), await Open().ReadDocumentAsync("notes"));
        Assert.Equal("two", (await Container.GetBlobClient("logs/notes.json").DownloadContentAsync()).Value.Content.ToString());
        await Task.WhenAll(Enumerable.Range(0, 5).Select(i => Open().WriteDocumentAsync("notes", Encoding.ASCII.GetBytes($"{i}")).AsTask()));
        Assert.InRange((await Open().ReadDocumentAsync("notes"))![0], (byte)'0', (byte)'4');
    }

    [Theory]
    [InlineData("")]
    [InlineData("../outside")]
    [InlineData("A")]
    [InlineData("a/b")]
    public async Task No_name_addresses_anything_else(string name)
    {
        await Assert.ThrowsAsync<ArgumentException>(async () => await Open().OpenAsync(name));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Open().ReadDocumentAsync(name));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Open().WriteDocumentAsync(name, new byte[1]));
    }

    [Fact]
    public async Task A_log_that_is_gone_and_one_of_another_store_are_refused_by_name()
    {
        await (await Open().OpenAsync("mine")).DisposeAsync();
        await (await Open().OpenAsync("other")).DisposeAsync();
        string mine = await ContentAsync("logs/mine/manifest");
        await DeleteAsync("logs/mine/");
        var missing = await Assert.ThrowsAsync<StorageException>(async () => await Open().OpenAsync("mine"));
        Assert.Equal($"Log blob {_container}/logs/mine/manifest is missing, and its log held data. Restore it from a backup.", missing.Message);
        Assert.Empty(await NamesAsync("logs/mine/"));

        await DeleteAsync("logs/other/");
        await Container.GetBlobClient("logs/other/manifest").UploadAsync(BinaryData.FromString(EmptyOf(mine)));
        var mixedUp = await Assert.ThrowsAsync<StorageException>(async () => await Open().OpenAsync("other"));
        Assert.Contains("the blobs are another log's", mixedUp.Message, StringComparison.Ordinal);

        await Container.GetBlobClient("logs/manifest.json").UploadAsync(BinaryData.FromString("[1]"), overwrite: true);
        var unreadable = await Assert.ThrowsAsync<StorageException>(async () => await Open().OpenAsync("third"));
        Assert.StartsWith($"{_container}/logs/manifest.json cannot be read: ", unreadable.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_format_and_a_missing_segment_are_refused_with_the_blob()
    {
        await using (var log = await Open().OpenAsync("log"))
            await log.AppendAsync(LogFixture.Records([1]));
        string manifest = await ContentAsync("logs/log/manifest");
        await ReplaceAsync("logs/log/manifest", Signed(JsonOf(manifest).Replace("\"format\":3", "\"format\":4", StringComparison.Ordinal)));
        var newer = await Assert.ThrowsAsync<StorageException>(async () => await Open().OpenAsync("log"));
        Assert.Equal(
            $"Log manifest {_container}/logs/log/manifest has format 4; this build reads up to 3. Use the newer build that wrote it.", newer.Message);

        await ReplaceAsync("logs/log/manifest", manifest);
        string segment = (await NamesAsync("logs/log/")).Single(name => name.Contains('-', StringComparison.Ordinal));
        await Container.DeleteBlobAsync(segment);
        var gone = await Assert.ThrowsAsync<StorageException>(async () => await Open().OpenAsync("log"));
        Assert.Equal($"Blob {_container}/{segment} at 127.0.0.1:{Logs.Azurite.Port} does not exist.", gone.Message);
    }

    [Fact]
    public async Task Stores_that_open_logs_at_the_same_time_note_all_of_them()
    {
        var stores = Enumerable.Range(0, 3).Select(_ => Open()).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(async i => await (await stores[i % 3].OpenAsync($"log-{i}")).DisposeAsync()));
        string index = await ContentAsync("logs/manifest.json");
        Assert.All(Enumerable.Range(0, 12), i => Assert.Contains($"\"log-{i}\":", index, StringComparison.Ordinal));
    }

    private static string JsonOf(string manifest) => manifest[..manifest.LastIndexOf('\n')];

    private static string Signed(string json) => $"{json}\n{Crc32C.Finish(Crc32C.Append(Crc32C.Initial, Encoding.UTF8.GetBytes(json))):x8}";

    /// <summary>The manifest of a log without segments.</summary>
    private static string EmptyOf(string manifest)
    {
        string json = JsonOf(manifest);
        return Signed(json[..json.IndexOf("\"segments\"", StringComparison.Ordinal)] + "\"segments\":[]}");
    }

    private BlobLogStore Open() => Logs.OpenStore(Options, _container);

    private async Task<string> ContentAsync(string blob) => (await Container.GetBlobClient(blob).DownloadContentAsync()).Value.Content.ToString();

    private Task ReplaceAsync(string blob, string content) => Container.GetBlobClient(blob).UploadAsync(BinaryData.FromString(content), overwrite: true);

    private async Task<List<string>> NamesAsync(string prefix)
    {
        var names = new List<string>();
        await foreach (var blob in Container.GetBlobsAsync(BlobTraits.None, BlobStates.None, prefix, None))
            names.Add(blob.Name);
        return names;
    }

    private async Task DeleteAsync(string prefix)
    {
        foreach (string name in await NamesAsync(prefix))
            await Container.DeleteBlobAsync(name);
    }
}
