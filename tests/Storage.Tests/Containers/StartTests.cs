using Azure.Storage.Sas;
using KgOrleans.TestSupport;

namespace KgOrleans.Storage.Tests.Containers;

/// <summary>Which containers a silo starts on, and what an operator is told when it does not.</summary>
[Trait("Suite", "Cluster")]
public sealed class StartTests : IClassFixture<ContainerSilo>
{
    private readonly ContainerSilo _silo;

    public StartTests(ContainerSilo silo)
    {
        Assert.SkipWhen(AzuriteServer.Missing is not null, AzuriteServer.Missing ?? "");
        _silo = silo;
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
                options["ConnectionString"] = _silo.ConnectionString;
                break;
            case "ConnectionName":
                options["ConnectionName"] = "blobs";
                break;
            case "ServiceKey":
                options["ServiceKey"] = "account";
                break;
            case "Sas":
                options["ConnectionString"] = _silo.Sas(AccountSasPermissions.All);
                break;
        }
        await using var silo = await _silo.StartAsync(options);
        await silo.DefaultStorage.WriteStateAsync("profile", GrainId.Create("user", "1"), new Stored<Profile> { State = new Profile { Name = "a" } });
        var blob = await _silo.Account.GetBlobContainerClient(container).GetBlobClient("profile-user/1.json").DownloadContentAsync();
        Assert.Equal("""{"name":"a","seen":[]}""", blob.Value.Content.ToString());
    }

    [Fact]
    public async Task Credentials_that_may_not_create_containers_serve_where_one_exists_and_are_refused_where_none_does()
    {
        await _silo.Account.GetBlobContainerClient("made-before").CreateIfNotExistsAsync();
        var sas = _silo.Sas(AccountSasPermissions.Read | AccountSasPermissions.Write | AccountSasPermissions.Delete, AccountSasResourceTypes.Object);
        await using (await _silo.StartAsync(new() { ["ContainerName"] = "made-before", ["ConnectionString"] = sas }))
        {
            // It started.
        }
        var refused = await RefusedAsync(new() { ["ContainerName"] = "never-made", ["ConnectionString"] = sas });
        const string Reason = "Container 'never-made' does not exist at 127.0.0.1, and the credentials may not create it (Authorization";
        Assert.StartsWith(Reason, refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_key_is_refused_at_the_start_without_being_shown()
    {
        const string Key = "d3JvbmcgYnV0IGxvbmcgZW5vdWdoIHRvIGJlIGEga2V5";
        var right = _silo.ConnectionString.Split(';').Single(p => p.StartsWith("AccountKey=", StringComparison.Ordinal));
        var connection = _silo.ConnectionString.Replace(right, "AccountKey=" + Key, StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<OrleansConfigurationException>(() => _silo.StartAsync(new() { ["ConnectionString"] = connection }));
        Assert.Equal(
            $"Grain storage 'Default' cannot open container 'grainstate' at 127.0.0.1:{_silo.Port}: AuthorizationFailure (status 403).", refused.Message);
        Assert.DoesNotContain(Key, refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_does_not_answer_is_named_at_the_start()
    {
        var connection = _silo.ConnectionString.Replace($":{_silo.Port}/", ":1/", StringComparison.Ordinal);
        var refused = await RefusedAsync(new() { ["ConnectionString"] = connection });
        Assert.StartsWith("Grain storage 'Default' cannot open container 'grainstate' at 127.0.0.1:1: Connection refused", refused, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ServiceKey")]
    [InlineData("SerializerKey")]
    public async Task A_key_that_names_no_service_is_said_at_the_start(string setting)
    {
        var refused = await RefusedAsync(new() { ["ConnectionString"] = _silo.ConnectionString, [setting] = "nope" });
        Assert.StartsWith($"Orleans:GrainStorage:Default:{setting} is 'nope', but there is no ", refused, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_credentials_and_a_bad_container_name_are_refused_by_the_official_validator()
    {
        Assert.StartsWith("No credentials specified.", await RefusedAsync(new() { ["ContainerName"] = "good-name" }), StringComparison.Ordinal);
        var badName = await RefusedAsync(new() { ["ContainerName"] = "Bad_Name", ["ConnectionString"] = _silo.ConnectionString });
        Assert.Contains("ContainerName is not valid", badName, StringComparison.Ordinal);
    }

    private async Task<string> RefusedAsync(Dictionary<string, string?> options) =>
        (await Assert.ThrowsAsync<OrleansConfigurationException>(() => _silo.StartAsync(options))).Message;
}
