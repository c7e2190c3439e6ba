using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using KgOrleans.TestSupport;
using Orleans.Configuration;
using Orleans.Storage;

namespace KgOrleans.Storage.Tests.Conformance;

/// <summary>What the official provider leaves in the container, and what the service's own answers lead to: the product counts on it.</summary>
[Collection(nameof(StorageRules))]
[Trait("Suite", "Cluster")]
public sealed class AzureBlobLayoutTests
{
    private readonly StorageSilo _silo;

    public AzureBlobLayoutTests(StorageSilo silo)
    {
        Assert.SkipWhen(AzuriteServer.Missing is not null, AzuriteServer.Missing ?? "");
        _silo = silo;
    }

    private IGrainStorage Storage => _silo.Provider(StorageSilo.Azure);

    private BlobContainerClient Container => _silo.Container(StorageSilo.Azure);

    [Theory]
    [InlineData("user", "u0001", "profile-user/u0001.json")]
    [InlineData("user", "a/b c", "profile-user/a/b c.json")]
    [InlineData("integer", "ff", "profile-integer/ff.json")]
    public async Task A_state_is_an_octet_stream_named_after_state_and_grain(string type, string key, string name)
    {
        await Storage.WriteStateAsync("profile", GrainId.Create(type, key), Named("a"));
        var blob = await Container.GetBlobClient(name).GetPropertiesAsync();
        Assert.Equal("application/octet-stream", blob.Value.ContentType);
        Assert.Empty(blob.Value.Metadata);
        Assert.Equal(BlobType.Block, blob.Value.BlobType);
    }

    [Fact]
    public void The_container_is_grainstate_and_clearing_deletes_unless_told_otherwise()
    {
        var options = new AzureBlobStorageOptions();
        Assert.Equal(("grainstate", true, ServiceLifecycleStage.ApplicationServices), (options.ContainerName, options.DeleteStateOnClear, options.InitStage));
    }

    [Fact]
    public async Task Keyed_serializers_decide_the_bytes_and_the_name_stays()
    {
        var grain = GrainId.Create("user", "bytes");
        await _silo.Provider(StorageSilo.AzurePooled).WriteStateAsync("profile", grain, Named("a"));
        var content = await _silo.Container(StorageSilo.AzurePooled).GetBlobClient("profile-user/bytes.json").DownloadContentAsync();
        Assert.Equal("""{"name":"a","seen":[]}""", content.Value.Content.ToString());
    }

    [Fact]
    public async Task A_blob_that_is_there_already_is_read_and_then_written_under_its_own_name()
    {
        const string Name = "profile-user/u0001.json";
        var container = _silo.Container(StorageSilo.AzurePooled);
        var headers = new BlobHttpHeaders { ContentType = "application/octet-stream" };
        var old = BinaryData.FromString("""{"name":"\u70B9\u6B4C","seen":[1,2]}""");
        await container.GetBlobClient(Name).UploadAsync(old, new BlobUploadOptions { HttpHeaders = headers });
        var (storage, grain, state) = (_silo.Provider(StorageSilo.AzurePooled), GrainId.Create("user", "u0001"), new Stored<Profile>());
        await storage.ReadStateAsync("profile", grain, state);
        Assert.Equal(("点歌", true), (state.State.Name, state.RecordExists));
        Assert.Equal([1, 2], state.State.Seen);

        state.State.Seen.Add(3);
        await storage.WriteStateAsync("profile", grain, state);
        Assert.Equal("""{"name":"\u70B9\u6B4C","seen":[1,2,3]}""", (await container.GetBlobClient(Name).DownloadContentAsync()).Value.Content.ToString());
        var names = new List<string>();
        await foreach (var blob in container.GetBlobsAsync(BlobTraits.None, BlobStates.None, "profile-user/u0001", CancellationToken.None))
            names.Add(blob.Name);
        Assert.Equal([Name], names);
    }

    [Fact]
    public async Task A_blob_of_no_bytes_is_a_fresh_state_with_an_etag()
    {
        var blob = Container.GetBlobClient("profile-user/empty.json");
        var uploaded = await blob.UploadAsync(BinaryData.Empty, overwrite: true);
        var state = new Stored<Profile>();
        await Storage.ReadStateAsync("profile", GrainId.Create("user", "empty"), state);
        Assert.Equal(("fresh", uploaded.Value.ETag.ToString(), false), (state.State.Name, state.ETag, state.RecordExists));
    }

    [Theory]
    [InlineData(StorageSilo.Azure)]
    [InlineData(StorageSilo.AzurePooled)]
    public async Task A_blob_that_is_no_state_fails_the_read_and_stays(string provider)
    {
        var blob = _silo.Container(provider).GetBlobClient("profile-user/broken.json");
        await blob.UploadAsync(BinaryData.FromString("{\"name\":"), overwrite: true);
        var state = Named("before");
        await Assert.ThrowsAnyAsync<Exception>(() => _silo.Provider(provider).ReadStateAsync("profile", GrainId.Create("user", "broken"), state));
        Assert.Equal("before", state.State.Name);
        Assert.Equal("{\"name\":", (await blob.DownloadContentAsync()).Value.Content.ToString());
    }

    [Fact]
    public async Task A_container_that_was_deleted_reads_as_empty_and_is_made_anew_by_a_write()
    {
        var storage = _silo.Provider(StorageSilo.AzureVanishing);
        var grain = GrainId.Create("user", "1");
        await storage.WriteStateAsync("profile", grain, Named("a"));
        await _silo.Container(StorageSilo.AzureVanishing).DeleteAsync();

        var read = new Stored<Profile>();
        await storage.ReadStateAsync("profile", grain, read);
        Assert.False(read.RecordExists);
        await storage.WriteStateAsync("profile", grain, Named("b"));
        await storage.ReadStateAsync("profile", grain, read);
        Assert.Equal("b", read.State.Name);
    }

    [Fact]
    public async Task A_call_ends_when_its_token_does_however_slow_the_service_is()
    {
        await using var proxy = new FaultyProxy(_silo.Azurite!.Port) { Fault = Fault.Delay, Latency = TimeSpan.FromMinutes(1) };
        var storage = _silo.ProviderThrough(proxy.Port);
        var state = Named("a");
        state.ETag = "\"7\"";
        var grain = GrainId.Create("user", "slow");
        await EndsAsync(token => storage.ReadStateAsync("profile", grain, state, token));
        await EndsAsync(token => storage.WriteStateAsync("profile", grain, state, token));
        await EndsAsync(token => storage.ClearStateAsync("profile", grain, state, token));
        Assert.Equal(("a", "\"7\""), (state.State.Name, state.ETag));

        static async Task EndsAsync(Func<CancellationToken, Task> call)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call(limit.Token).WaitAsync(TimeSpan.FromSeconds(30), CancellationToken.None));
        }
    }

    private static Stored<Profile> Named(string name) => new() { State = new Profile { Name = name } };
}
