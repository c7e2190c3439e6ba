using KgOrleans.Storage;
using KgOrleans.TestSupport;
using Microsoft.Extensions.Options;
using static KgOrleans.Grains.Tests.BlobData.BlobDataNodes;

namespace KgOrleans.Grains.Tests.BlobData;

/// <summary>Containers and settings with which a node does not start, and what an operator is told.</summary>
[Trait("Suite", "Cluster")]
public sealed class RefusedBlobDataTests : IClassFixture<AzuriteFixture>, IDisposable
{
    private readonly BlobDataNodes _nodes;
    private readonly AzuriteServer _azurite;

    public RefusedBlobDataTests(AzuriteFixture azurite)
    {
        Assert.SkipWhen(AzuriteServer.Missing is not null, AzuriteServer.Missing ?? "");
        _azurite = azurite.Server!;
        _nodes = new BlobDataNodes(_azurite);
    }

    public void Dispose() => _nodes.Dispose();

    [Fact]
    public async Task Wrong_credentials_and_a_service_that_does_not_answer_are_told_with_host_and_container_and_no_secret()
    {
        const string Key = "d3JvbmcgYnV0IGxvbmcgZW5vdWdoIHRvIGJlIGEga2V5";
        var right = _azurite.ConnectionString.Split(';').Single(part => part.StartsWith("AccountKey=", StringComparison.Ordinal));
        var wrong = _azurite.ConnectionString.Replace(right, "AccountKey=" + Key, StringComparison.Ordinal);
        var refused = await RefusedAsync<OrleansConfigurationException>(s => s["Kg:BlobServices:store:ConnectionString"] = wrong);
        Assert.Equal(
            $"The log store cannot open container '{_nodes.Container}' at 127.0.0.1:{_azurite.Port}: AuthorizationFailure (status 403).", refused.Message);
        Assert.DoesNotContain(Key, refused.ToString(), StringComparison.Ordinal);

        refused = await RefusedAsync<OrleansConfigurationException>(
            s => s["Kg:BlobServices:store:ConnectionString"] = AzuriteServer.ConnectionStringThrough(1));
        Assert.StartsWith(
            $"The log store cannot open container '{_nodes.Container}' at 127.0.0.1:1: Connection refused", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_string_may_lie_in_a_file_and_one_that_is_missing_is_named()
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, _azurite.ConnectionString + "\n", TestContext.Current.CancellationToken);
            await using (var node = await _nodes.StartAsync(UseFile))
                Assert.True(Assert.Single(await node.PutAsync(Item(1))).Succeeded);
            File.Delete(file);
            var refused = await RefusedAsync<OptionsValidationException>(UseFile);
            Assert.Contains($"Kg:BlobServices:store:ConnectionStringFile {file} cannot be read", refused.Message, StringComparison.OrdinalIgnoreCase);
        }
        finally
        {
            File.Delete(file);
        }

        void UseFile(Dictionary<string, string?> settings)
        {
            settings.Remove("Kg:BlobServices:store:ConnectionString");
            // Keys of the configuration are alike in any case, as environment variables often are.
            settings["KG:BLOBSERVICES:STORE:CONNECTIONSTRINGFILE"] = file;
        }
    }

    [Fact]
    public async Task An_account_that_the_configuration_does_not_have_is_named()
    {
        var refused = await RefusedAsync<OptionsValidationException>(s => s["Kg:Data:Blobs:Service"] = "nope");
        Assert.Equal(["Kg:Data:Blobs:Service is 'nope', but there is no Kg:BlobServices:nope"], refused.Failures);
    }

    [Fact]
    public async Task A_container_of_another_service_and_one_with_other_blobs_are_refused()
    {
        await _nodes.Client.CreateAsync(metadata: new Dictionary<string, string> { ["kgserviceid"] = "theirs" });
        var refused = await RefusedAsync<OrleansConfigurationException>();
        Assert.Equal(
            $"Container '{_nodes.Container}' belongs to service 'theirs', this is 'kg'. Name another Kg:Data:Blobs:Container, or the same Orleans:ServiceId.",
            refused.Message);

        using var others = new BlobDataNodes(_azurite);
        await others.Client.CreateAsync();
        await others.Client.GetBlobClient("user-user/u1.json").UploadAsync(BinaryData.FromString("{}"));
        refused = await Assert.ThrowsAsync<OrleansConfigurationException>(() => others.StartAsync());
        Assert.Equal(
            $"Container '{others.Container}' holds 'user-user/u1.json', which is neither a log nor a snapshot: it belongs to another service. "
                + "Name another Kg:Data:Blobs:Container.",
            refused.Message);
    }

    [Fact]
    public async Task Damage_and_a_missing_record_of_settings_are_told_with_the_blob()
    {
        await FillAsync();
        await WhileAsync("logs/shard-001/manifest", "{}", async () =>
            Assert.Contains($"{_nodes.Container}/logs/shard-001/manifest", (await RefusedAsync<StorageException>()).Message, StringComparison.Ordinal));
        await WhileAsync("logs/catalogue.json", "{", async () =>
            Assert.StartsWith($"{_nodes.Container}/logs/catalogue.json is not valid: ", (await RefusedAsync<StorageException>()).Message, StringComparison.Ordinal));
        await WhileAsync("logs/catalogue.json", null, async () =>
            Assert.StartsWith(
                $"{_nodes.Container}/logs/catalogue.json is missing, and container {_nodes.Container} holds data: ",
                (await RefusedAsync<StorageException>()).Message,
                StringComparison.Ordinal));
        await using var node = await _nodes.StartAsync();
    }

    [Fact]
    public async Task Snapshots_without_logs_are_data_too()
    {
        await _nodes.Client.CreateAsync();
        await _nodes.Client.GetBlobClient("snapshots/shard-000-1").UploadAsync(BinaryData.FromString("{}"));
        var refused = await RefusedAsync<StorageException>();
        Assert.StartsWith(
            $"{_nodes.Container}/logs/catalogue.json is missing, and container {_nodes.Container} holds data: ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_container_and_a_data_directory_that_do_not_belong_together_are_refused()
    {
        await FillAsync();
        // States of users would be missing.
        var fresh = TestNode.NewData();
        try
        {
            var missing = await Assert.ThrowsAsync<StorageException>(() => _nodes.StartAsync(data: fresh));
            Assert.StartsWith($"container {_nodes.Container} holds data, and {fresh} has not been used with it: ", missing.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(fresh, recursive: true);
        }
        // The logs of the states would be missing.
        using var others = new BlobDataNodes(_azurite);
        var isNew = await Assert.ThrowsAsync<StorageException>(() => others.StartAsync(data: _nodes.Data));
        Assert.StartsWith($"{_nodes.Data} belongs to the logs of container {_nodes.Container} ", isNew.Message, StringComparison.Ordinal);
        Assert.Contains($"and container {others.Container} is new", isNew.Message, StringComparison.Ordinal);
        var local = await Assert.ThrowsAsync<StorageException>(() => TestNode.StartAsync(_nodes.Data, shards: 2));
        Assert.Equal(
            $"{_nodes.Data} belongs to logs in container {_nodes.Container}, but Kg:Data:Logs is local. Name another Kg:Data:Path.", local.Message);
        await using (var node = await TestNode.StartAsync(others.Data, shards: 2))
            await node.PutAsync(Item(1));
        var both = await Assert.ThrowsAsync<StorageException>(() => others.StartAsync());
        Assert.Contains("logs holds logs, but Kg:Data:Logs is blobs: they would not be read.", both.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_start_that_was_refused_leaves_a_container_that_the_next_start_may_use()
    {
        await Assert.ThrowsAnyAsync<Exception>(() => _nodes.StartAsync(s => s["Kg:Model:Path"] = "/no/such/bundle"));
        await using var node = await _nodes.StartAsync(s => s["Kg:Catalogue:WorldId"] = "another");
        Assert.True(Assert.Single(await node.PutAsync(Item(1))).Succeeded);
    }

    private async Task<T> RefusedAsync<T>(Action<Dictionary<string, string?>>? change = null)
        where T : Exception => await Assert.ThrowsAsync<T>(() => _nodes.StartAsync(change));

    private async Task FillAsync()
    {
        await using var node = await _nodes.StartAsync();
        await node.PutAsync([.. Enumerable.Range(0, 10).Select(i => Item(i))]);
        await node.RecordAsync(Play(1));
    }

    /// <summary>Does something while a blob has other content, or is not there.</summary>
    private async Task WhileAsync(string name, string? content, Func<Task> action)
    {
        var blob = _nodes.Client.GetBlobClient(name);
        var before = (await blob.DownloadContentAsync(TestContext.Current.CancellationToken)).Value.Content;
        if (content is null)
            await blob.DeleteAsync(cancellationToken: TestContext.Current.CancellationToken);
        else
            await blob.UploadAsync(BinaryData.FromString(content), overwrite: true, TestContext.Current.CancellationToken);
        await action();
        await blob.UploadAsync(before, overwrite: true, TestContext.Current.CancellationToken);
    }
}
