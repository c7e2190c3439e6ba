using Azure.Core;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Azure.Storage.Sas;
using KgOrleans.Silo;
using KgOrleans.TestSupport;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;

namespace KgOrleans.Storage.Tests.Containers;

/// <summary>A container has one service, also when several ask for it at the same moment.</summary>
[Trait("Suite", "Cluster")]
public sealed class OwnershipTests : IClassFixture<ContainerSilo>
{
    private const string Owner = "kgserviceid";

    private readonly ContainerSilo _silo;

    public OwnershipTests(ContainerSilo silo)
    {
        Assert.SkipWhen(AzuriteServer.Missing is not null, AzuriteServer.Missing ?? "");
        _silo = silo;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_two_services_that_start_at_the_same_moment_exactly_one_gets_a_fresh_container(bool isThere)
    {
        for (var round = 0; round < 10; round++)
        {
            var container = NewContainer();
            if (isThere)
                await container.CreateAsync(metadata: new Dictionary<string, string> { ["team"] = "feed" });
            var look = new FirstLook(2);
            string[] services = ["left", "right"];
            var reasons = await Task.WhenAll(services.Select(service => OpenAsync(container.Name, service, Pipeline(look))));

            var winner = services[Array.FindIndex(reasons, reason => reason is null)];
            var loser = services.Single(service => service != winner);
            Assert.Equal(
                $"Container '{container.Name}' belongs to service '{winner}', this is '{loser}'. Name another ContainerName, or the same Orleans:ServiceId.",
                Assert.Single(reasons, reason => reason is not null));
            var metadata = (await container.GetPropertiesAsync()).Value.Metadata;
            Assert.Equal(winner, metadata[Owner]);
            Assert.Equal(isThere, metadata.ContainsKey("team"));
        }
    }

    [Fact]
    public async Task Two_silos_of_two_services_on_a_fresh_container_end_as_one_that_serves()
    {
        var container = NewContainer();
        var options = new Dictionary<string, string?> { ["ContainerName"] = container.Name, ["ConnectionString"] = _silo.ConnectionString };
        var starts = new[] { "left", "right" }.Select(async service =>
        {
            try
            {
                return (Silo: (SiloHost?)await _silo.StartAsync(options, service), Reason: (string?)null);
            }
            catch (OrleansConfigurationException refused)
            {
                return (null, (string?)refused.Message);
            }
        });
        var ends = await Task.WhenAll(starts);
        await using var serving = Assert.Single(ends, end => end.Silo is not null).Silo;
        Assert.Contains("belongs to service", Assert.Single(ends, end => end.Reason is not null).Reason, StringComparison.Ordinal);
        await serving!.DefaultStorage.WriteStateAsync("profile", GrainId.Create("user", "1"), new Stored<Profile> { State = new Profile() });
    }

    [Fact]
    public async Task Silos_of_one_service_may_all_start_at_the_same_moment_and_again()
    {
        var container = NewContainer();
        await container.CreateAsync();
        var look = new FirstLook(4);
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => OpenAsync(container.Name, "kg", Pipeline(look)))), Assert.Null);
        Assert.Null(await OpenAsync(container.Name, "kg"));
        Assert.Equal(LeaseState.Available, (await container.GetPropertiesAsync()).Value.LeaseState);
    }

    [Fact]
    public async Task A_container_without_owner_is_taken_over_with_states_and_refused_with_anything_else()
    {
        var container = NewContainer();
        await container.CreateAsync();
        await container.GetBlobClient("user-user/u0001.json").UploadAsync(BinaryData.FromString("{}"));
        Assert.Null(await OpenAsync(container.Name, "kg"));

        var other = NewContainer();
        await other.CreateAsync();
        await other.GetBlobClient("notes.txt").UploadAsync(BinaryData.FromString("somebody else's"));
        Assert.Equal(
            $"Container '{other.Name}' holds 'notes.txt', which is no grain state: it belongs to another service. Name another ContainerName.",
            await OpenAsync(other.Name, "kg"));
        Assert.Empty((await other.GetPropertiesAsync()).Value.Metadata);
    }

    [Fact]
    public async Task A_lease_of_somebody_else_refuses_the_claim_after_a_while_and_hinders_no_owner()
    {
        var container = NewContainer();
        await container.CreateAsync();
        var lease = container.GetBlobLeaseClient();
        await lease.AcquireAsync(BlobLeaseClient.InfiniteLeaseDuration);
        var time = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromMinutes(1) };
        Assert.Equal(
            $"Container '{container.Name}' has no owner yet and is under a lease of somebody else. Release the lease, and start again.",
            await OpenAsync(container.Name, "kg", time: time));
        await lease.ReleaseAsync();
        Assert.Null(await OpenAsync(container.Name, "kg"));
        await lease.AcquireAsync(BlobLeaseClient.InfiniteLeaseDuration);
        Assert.Null(await OpenAsync(container.Name, "kg"));
    }

    [Fact]
    public async Task Credentials_that_may_not_see_metadata_start_with_a_warning()
    {
        var container = NewContainer();
        await container.CreateAsync(metadata: new Dictionary<string, string> { [Owner] = "other" });
        var sas = _silo.Sas(AccountSasPermissions.Read | AccountSasPermissions.Write, AccountSasResourceTypes.Object);
        var logger = new ListLogger<ContainerOwnership>();
        var containers = Containers(container.Name, "kg", new ContainerOwnership(TimeProvider.System, logger));
        await containers.InitializeAsync(new BlobServiceClient(new Uri(sas)));
        var (level, message) = Assert.Single(logger.Entries);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Contains($"metadata of container {container.Name}", message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_container_is_given_out_before_it_is_open()
    {
        var containers = Containers("grainstate", "kg", new ContainerOwnership(TimeProvider.System, NullLogger<ContainerOwnership>.Instance));
        Assert.Throws<InvalidOperationException>(() => containers.GetBlobContainerClient(GrainId.Create("user", "1")));
    }

    private static StateContainers Containers(string name, string service, ContainerOwnership ownership) =>
        new(new AzureBlobStorageOptions { ContainerName = name }, Options.Create(new ClusterOptions { ServiceId = service }), ownership);

    private static BlobClientOptions Pipeline(FirstLook look)
    {
        var options = new BlobClientOptions();
        options.AddPolicy(look.ForOneClient(), HttpPipelinePosition.PerCall);
        return options;
    }

    private BlobContainerClient NewContainer() => _silo.Account.GetBlobContainerClient("owned-" + Guid.NewGuid().ToString("N"));

    /// <summary>Opens a container for a service; returns the reason of a refusal, null when it is open.</summary>
    private async Task<string?> OpenAsync(string container, string service, BlobClientOptions? client = null, TimeProvider? time = null)
    {
        var ownership = new ContainerOwnership(time ?? TimeProvider.System, NullLogger<ContainerOwnership>.Instance);
        var containers = Containers(container, service, ownership);
        try
        {
            await containers.InitializeAsync(new BlobServiceClient(_silo.ConnectionString, client));
            Assert.Equal(container, containers.GetBlobContainerClient(GrainId.Create("user", "1")).Name);
            return null;
        }
        catch (OrleansConfigurationException refused)
        {
            return refused.Message;
        }
    }
}
