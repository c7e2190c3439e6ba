using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Logs.Blobs;
using KgOrleans.TestSupport;
using static KgOrleans.Storage.Tests.Logs.Blobs.BlobLogFixture;

namespace KgOrleans.Storage.Tests.Logs.Blobs;

public sealed class BlobLogOutageTests(BlobLogFixture logs) : BlobLogTests(logs)
{
    private static readonly BlobLogOptions Impatient = new() { RetryTime = TimeSpan.FromSeconds(1) };

    [Fact]
    public async Task A_stopped_service_is_told_at_once_and_the_same_append_succeeds_when_it_is_back()
    {
        await using var azurite = await AzuriteServer.StartAsync();
        await new Azure.Storage.Blobs.BlobServiceClient(azurite.ConnectionString).GetBlobContainerClient(ContainerName).CreateAsync();
        await using var medium = BlobLogFixture.Open(azurite.ConnectionString, "log");
        var segment = await medium.CreateAsync("s1", new byte[80], None);
        await azurite.StopAsync();

        var away = await Assert.ThrowsAsync<StorageException>(async () => await segment.AppendAsync(80, Bytes(1, 10), None));
        Assert.True(away.IsTransient, away.Message);
        Assert.Contains($"kg-logs/logs/log/s1 at 127.0.0.1:{azurite.Port} cannot be reached: Connection refused", away.Message, StringComparison.Ordinal);
        foreach (var call in Calls(medium))
            Assert.True((await Assert.ThrowsAsync<StorageException>(call)).IsTransient);
        await medium.SealedAsync("s1", 80, None);

        await azurite.RestartAsync();
        await segment.AppendAsync(80, Bytes(1, 10), None);
        Assert.Equal(90, (await medium.CloseAsync("s1", None)).Bytes);
    }

    [Theory]
    [InlineData(Fault.LoseAnswers, 90)]
    [InlineData(Fault.Cut, 80)]
    [InlineData(Fault.ServerError, 80)]
    public async Task An_append_without_an_answer_ends_as_unknown_and_its_segment_takes_no_more(Fault fault, int length)
    {
        string name = NewName();
        await using var proxy = new FaultyProxy(Logs.Azurite.Port);
        await using var medium = Logs.Open(name, Impatient, proxy.Port);
        var segment = await medium.CreateAsync("s1", new byte[80], None);
        proxy.Fault = fault;
        var unknown = await Assert.ThrowsAsync<StorageException>(async () => await segment.AppendAsync(80, Bytes(1, 10), None));
        Assert.False(unknown.IsTransient);
        Assert.Contains($"kg-logs/logs/{name}/s1 at 127.0.0.1:{proxy.Port}: it is unknown whether", unknown.Message, StringComparison.Ordinal);
        proxy.Fault = Fault.None;
        Assert.False((await Assert.ThrowsAsync<StorageException>(async () => await segment.AppendAsync(80, Bytes(2, 10), None))).IsTransient);
        await using var next = Logs.Open(name);
        Assert.Equal(length, (await next.CloseAsync("s1", None)).Bytes);
    }

    [Fact]
    public async Task An_append_that_its_caller_gave_up_may_be_carried_out_and_its_segment_takes_no_more()
    {
        string name = NewName();
        await using var proxy = new FaultyProxy(Logs.Azurite.Port);
        await using var medium = Logs.Open(name, port: proxy.Port);
        var segment = await medium.CreateAsync("s1", new byte[80], None);
        proxy.Fault = Fault.LoseAnswers;
        using var stop = new CancellationTokenSource();
        var append = segment.AppendAsync(80, Bytes(1, 10), stop.Token).AsTask();
        await Logs.CarriedOutAsync(append, name, "s1", 90);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => append);
        proxy.Fault = Fault.None;
        Assert.False((await Assert.ThrowsAsync<StorageException>(async () => await segment.AppendAsync(80, Bytes(2, 10), None))).IsTransient);
    }

    [Fact]
    public async Task A_service_that_does_not_answer_holds_a_request_no_longer_than_its_time()
    {
        await using var proxy = new FaultyProxy(Logs.Azurite.Port) { Fault = Fault.Delay, Latency = TimeSpan.FromMinutes(10) };
        var options = new BlobLogOptions { AttemptTime = TimeSpan.FromMilliseconds(200), RetryTime = TimeSpan.FromMilliseconds(500) };
        await using var medium = Logs.Open(NewName(), options, proxy.Port);
        var slow = await Assert.ThrowsAsync<StorageException>(() => medium.ReadManifestAsync(None).AsTask().WaitAsync(TimeSpan.FromMinutes(1)));
        Assert.True(slow.IsTransient);
        Assert.EndsWith("cannot be reached: no answer in time.", slow.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_credentials_are_told_with_host_and_container_and_no_secret()
    {
        const string Key = "d3JvbmcgYnV0IGxvbmcgZW5vdWdoIHRvIGJlIGEga2V5";
        string right = Logs.Azurite.ConnectionString.Split(';').Single(part => part.StartsWith("AccountKey=", StringComparison.Ordinal));
        await using var medium = BlobLogFixture.Open(
            Logs.Azurite.ConnectionString.Replace(right, "AccountKey=" + Key, StringComparison.Ordinal), NewName());
        foreach (var call in Calls(medium))
        {
            var refused = await Assert.ThrowsAsync<StorageException>(call);
            Assert.False(refused.IsTransient);
            Assert.Contains("kg-logs/logs/log-", refused.Message, StringComparison.Ordinal);
            Assert.EndsWith($" at 127.0.0.1:{Logs.Azurite.Port} is refused: AuthorizationFailure (status 403).", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Key, refused.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_container_that_does_not_exist_is_refused_by_name()
    {
        var options = new BlobLogOptions();
        var service = new Azure.Storage.Blobs.BlobServiceClient(Logs.Azurite.ConnectionString, options.CreateClientOptions());
        await using var medium = new BlobLogMedium(service.GetBlobContainerClient("no-such-container"), "log", options, Logger);
        await medium.DeleteAsync("s1", None);
        foreach (var call in Calls(medium).SkipLast(1))
        {
            var refused = await Assert.ThrowsAsync<StorageException>(call);
            Assert.False(refused.IsTransient);
            Assert.Contains("no-such-container/logs/log/", refused.Message, StringComparison.Ordinal);
            Assert.EndsWith("is refused: ContainerNotFound (status 404).", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_segment_that_is_gone_stops_its_writer_and_a_replaced_manifest_is_the_reason_if_there_is_one()
    {
        string name = NewName();
        await using var medium = Logs.Open(name);
        await using var other = Logs.Open(name);
        string tag = await medium.WriteManifestAsync("mine"u8.ToArray(), null, None);
        var segment = await medium.CreateAsync("s1", new byte[80], None);
        var next = await medium.CreateAsync("s2", new byte[80], None);
        await other.DeleteAsync("s1", None);
        await other.DeleteAsync("s2", None);
        var gone = await Assert.ThrowsAsync<StorageException>(async () => await segment.AppendAsync(80, new byte[1], None));
        Assert.False(gone.IsTransient);
        Assert.Contains($"kg-logs/logs/{name}/s1 at ", gone.Message, StringComparison.Ordinal);
        await other.WriteManifestAsync("theirs"u8.ToArray(), tag, None);
        await Assert.ThrowsAsync<LogFencedException>(async () => await next.AppendAsync(80, new byte[1], None));
    }

    /// <summary>Every request that a medium makes, but sealing, which never throws.</summary>
    private static IEnumerable<Func<Task>> Calls(BlobLogMedium medium) =>
    [
        async () => await medium.ReadManifestAsync(None),
        async () => await medium.WriteManifestAsync(new byte[1], null, None),
        async () => await medium.WriteManifestAsync(new byte[1], "\"0x8D\"", None),
        async () => await medium.CreateAsync("s1", new byte[80], None),
        async () => await medium.CloseAsync("s1", None),
        async () => await medium.ReadAsync("s1", 0, new byte[1], None),
        async () => await medium.ListAsync(None),
        async () => await medium.DeleteAsync("s1", None),
    ];
}
