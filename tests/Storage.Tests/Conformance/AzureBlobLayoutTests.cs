using System.Text;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;
using KgOrleans.TestSupport;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Storage;

namespace KgOrleans.Storage.Tests.Conformance;

/// <summary>What lies in the container, what the service's own answers lead to, and how the provider is configured: all of it as with the official package.</summary>
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

    private string ConnectionString => _silo.Azurite!.ConnectionString;

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

    [Theory]
    [InlineData("..")]
    [InlineData("a/../../other/b")]
    public async Task A_grain_id_that_a_uri_would_fold_is_refused(string key)
    {
        var grain = GrainId.Create("user", "x/" + key + "/y");
        await Assert.ThrowsAsync<ArgumentException>(() => Storage.WriteStateAsync("profile", grain, Named("a")));
        await Assert.ThrowsAsync<ArgumentException>(() => Storage.ReadStateAsync("profile", grain, new Stored<Profile>()));
    }

    [Fact]
    public async Task A_container_that_was_deleted_reads_as_empty_and_is_made_anew_by_a_write()
    {
        var options = new Dictionary<string, string?> { ["ContainerName"] = "vanishing", ["ConnectionString"] = ConnectionString };
        await using var silo = await StartAsync(options);
        var storage = silo.DefaultStorage;
        var grain = GrainId.Create("user", "1");
        await storage.WriteStateAsync("profile", grain, Named("a"));
        await new BlobServiceClient(ConnectionString).GetBlobContainerClient("vanishing").DeleteAsync();

        var read = new Stored<Profile>();
        await storage.ReadStateAsync("profile", grain, read);
        Assert.False(read.RecordExists);
        await storage.WriteStateAsync("profile", grain, Named("b"));
        await storage.ReadStateAsync("profile", grain, read);
        Assert.Equal("b", read.State.Name);
    }

    [Theory]
    [InlineData("ConnectionString")]
    [InlineData("ConnectionName")]
    [InlineData("ServiceKey")]
    [InlineData("Sas")]
    public async Task Configuration_alone_selects_container_account_and_serializer(string way)
    {
        var container = "config-" + way.ToLowerInvariant();
        var options = new Dictionary<string, string?> { ["ContainerName"] = container, ["SerializerKey"] = "web" };
        switch (way)
        {
            case "ConnectionString":
                options["ConnectionString"] = ConnectionString;
                break;
            case "ConnectionName":
                options["ConnectionName"] = "blobs";
                break;
            case "ServiceKey":
                options["ServiceKey"] = "account";
                break;
            case "Sas":
                options["ConnectionString"] = Sas(AccountSasPermissions.All).ToString();
                break;
        }
        await using var silo = await StartAsync(options);
        var storage = silo.DefaultStorage;
        await storage.WriteStateAsync("profile", GrainId.Create("user", "1"), Named("a"));
        var blob = new BlobServiceClient(ConnectionString).GetBlobContainerClient(container).GetBlobClient("profile-user/1.json");
        Assert.Equal("""{"name":"a","seen":[]}""", Encoding.UTF8.GetString((await blob.DownloadContentAsync()).Value.Content));
    }

    [Fact]
    public async Task Credentials_that_may_not_create_containers_serve_where_one_exists_and_are_refused_where_none_does()
    {
        await new BlobServiceClient(ConnectionString).GetBlobContainerClient("made-before").CreateIfNotExistsAsync();
        var sas = Sas(AccountSasPermissions.Read | AccountSasPermissions.Write | AccountSasPermissions.Delete, AccountSasResourceTypes.Object).ToString();
        await using (await StartAsync(new() { ["ContainerName"] = "made-before", ["ConnectionString"] = sas }))
        {
            // It started.
        }
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(new() { ["ContainerName"] = "never-made", ["ConnectionString"] = sas }));
        Assert.Contains("Container 'never-made' does not exist", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_is_refused_at_the_start_without_being_shown()
    {
        const string Key = "d3JvbmcgYnV0IGxvbmcgZW5vdWdoIHRvIGJlIGEga2V5";
        var connection = ConnectionString.Replace(ConnectionString.Split(';').Single(p => p.StartsWith("AccountKey=", StringComparison.Ordinal)), "AccountKey=" + Key, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(new() { ["ConnectionString"] = connection }));
        Assert.Contains("cannot open container 'grainstate'", refused.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Key, refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_does_not_answer_is_named_at_the_start()
    {
        var connection = ConnectionString.Replace($":{_silo.Azurite!.Port}/", ":1/", StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<Orleans.Runtime.OrleansConfigurationException>(() => StartAsync(new() { ["ConnectionString"] = connection }));
        Assert.Contains("at 127.0.0.1:1: Connection refused", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ServiceKey")]
    [InlineData("SerializerKey")]
    public async Task A_key_that_names_no_service_is_said_at_the_start(string setting)
    {
        var refused = await Assert.ThrowsAsync<Orleans.Runtime.OrleansConfigurationException>(() => StartAsync(new() { ["ConnectionString"] = ConnectionString, [setting] = "nope" }));
        Assert.Contains($"Orleans:GrainStorage:Default:{setting} is 'nope'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_credentials_and_a_bad_container_name_are_named_at_once()
    {
        var refused = await Assert.ThrowsAnyAsync<Exception>(() => StartAsync(new() { ["ContainerName"] = "Bad_Name" }));
        Assert.Contains("No credentials specified", refused.ToString(), StringComparison.Ordinal);
        Assert.Contains("'Bad_Name'", refused.ToString(), StringComparison.Ordinal);
    }

    private static Stored<Profile> Named(string name) => new() { State = new Profile { Name = name } };

    private Uri Sas(AccountSasPermissions permissions, AccountSasResourceTypes types = AccountSasResourceTypes.All) =>
        new BlobServiceClient(ConnectionString).GenerateAccountSasUri(permissions, DateTimeOffset.UtcNow.AddHours(1), types);

    /// <summary>A silo whose default storage comes from the configuration section of the official package.</summary>
    private Task<SiloHost> StartAsync(Dictionary<string, string?> options) => SiloHost.StartAsync(
        host =>
        {
            var settings = options.ToDictionary(o => "Orleans:GrainStorage:Default:" + o.Key, o => o.Value);
            settings["Orleans:GrainStorage:Default:ProviderType"] = "AzureBlobStorage";
            settings["ConnectionStrings:blobs"] = ConnectionString;
            host.Configuration.AddInMemoryCollection(settings);
            host.Services.AddKeyedSingleton("account", new BlobServiceClient(ConnectionString));
            host.Services.AddKeyedSingleton<IGrainStorageSerializer>("web", new StateJsonSerializer());
        },
        _ => { });
}
