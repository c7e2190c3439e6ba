using System.Text.Json;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Storage;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Tests.Configuration;

[Trait("Suite", "Cluster")]
public sealed class StartTests
{
    [Fact]
    public async Task A_start_with_bad_settings_names_them_all()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Kg:Catalogue:ContentDimension"] = "0",
            ["Kg:Catalogue:WorldId"] = "a b",
            ["Kg:Scoring:QueueLength"] = "0",
            ["Kg:UserState:WriteTimeoutMs"] = "0",
            ["Kg:UserState:QueueLength"] = "0",
            ["Kg:Scenes:WriteTimeoutMs"] = "0",
        };
        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => TestNode.StartAsync(shards: 0, settings: settings));
        Assert.Equal(
            [
                "Kg:Shards:Count",
                "Kg:Catalogue:WorldId",
                "Kg:Catalogue:ContentDimension",
                "Kg:Scoring:QueueLength",
                "Kg:UserState:WriteTimeoutMs",
                "Kg:UserState:QueueLength",
                "Kg:Scenes:WriteTimeoutMs",
            ],
            e.Failures.Select(f => f.Split(' ')[0]));
    }

    [Fact]
    public async Task Clustering_over_logs_on_a_local_disk_is_refused()
    {
        var settings = new Dictionary<string, string?> { ["Orleans:Clustering:ProviderType"] = "Development" };
        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => TestNode.StartAsync(settings: settings));
        Assert.Contains("single silo", Assert.Single(e.Failures), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ConnectionStringFile", "/no/such/file", "cannot be read")]
    [InlineData("ConnectionString", "AccountKey=c2VjcmV0", "no valid connection string")]
    [InlineData("Uri", "not a uri", "no absolute URI")]
    [InlineData("Nothing", "", "needs one of Uri, ConnectionString and ConnectionStringFile")]
    public async Task An_account_that_is_none_stops_the_start_without_showing_its_secret(string setting, string value, string reason)
    {
        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => TestNode.StartAsync(settings: new()
        {
            ["Orleans:GrainStorage:Default:ProviderType"] = "AzureBlobStorage",
            ["Orleans:GrainStorage:Default:ServiceKey"] = "state",
            [$"Kg:BlobServices:state:{setting}"] = value,
        }));
        Assert.Contains("Kg:BlobServices:state", e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_made_with_other_settings_is_refused_with_every_difference()
    {
        var data = TestNode.NewData();
        try
        {
            await (await TestNode.StartAsync(data, shards: 4)).DisposeAsync();
            var other = new Dictionary<string, string?> { ["Kg:Catalogue:WorldId"] = "other" };
            var e = await Assert.ThrowsAsync<StorageException>(() => TestNode.StartAsync(data, shards: 8, settings: other));
            Assert.Contains("Kg:Shards:Count was 4, now is 8", e.Message);
            Assert.Contains("Kg:Catalogue:WorldId was main, now is other", e.Message);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task Two_nodes_cannot_share_a_data_directory()
    {
        await using var node = await TestNode.StartAsync();
        var e = await Assert.ThrowsAsync<StorageException>(() => TestNode.StartAsync(node.Data));
        Assert.Contains("Kg:Data:Path", e.Message);
    }

    [Fact]
    public async Task Every_grain_shows_a_state_that_the_Dashboard_can_serialise()
    {
        await using var node = await TestNode.StartAsync();
        await node.PutAsync(SampleCatalogue.Items(100));
        await node.PageAsync("u1");
        object[] states =
        [
            await node.Grains.GetGrain<IUserGrain>("u1").GetState(),
            await node.Grains.GetGrain<IItemShardGrain>(3).GetState(),
            await node.Grains.GetGrain<ICoordinatorGrain>(0).GetState(),
            await node.Grains.GetGrain<ISceneRegistryGrain>(ISceneRegistryGrain.Key).GetState(),
        ];
        // System.Text.Json refuses NaN and infinities, which is what the Dashboard stumbles over.
        Assert.All(states, s => Assert.True(JsonSerializer.Serialize(s).Length > 100));
        Assert.Equal("96-127", ((ItemShardView)states[1]).Buckets);
        Assert.True(((ItemShardView)states[1]).Items > 0);
    }
}
