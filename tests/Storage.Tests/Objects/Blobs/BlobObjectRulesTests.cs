using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using KgOrleans.Storage.Logs.Blobs;
using KgOrleans.Storage.Objects;
using KgOrleans.Storage.Objects.Blobs;
using KgOrleans.Storage.Tests.Logs.Blobs;
using KgOrleans.TestSupport;

namespace KgOrleans.Storage.Tests.Objects.Blobs;

/// <summary>The rules of objects on block blobs, and what only a service has.</summary>
[Collection(nameof(BlobLogCollection))]
[Trait("Suite", "Cluster")]
public sealed class BlobObjectRulesTests : ObjectRules
{
    private readonly BlobLogFixture _fixture;
    private readonly string _prefix = $"snapshots-{Guid.NewGuid():N}/";

    public BlobObjectRulesTests(BlobLogFixture fixture)
    {
        Assert.SkipWhen(AzuriteServer.Missing is not null, AzuriteServer.Missing ?? "");
        _fixture = fixture;
    }

    private static CancellationToken None => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Blocks_are_some_MiB_and_their_bytes_come_back_over_their_borders()
    {
        var content = Content(9_500_000, 1);
        await WriteAsync(Open(), "large", content);
        var blocks = (await _fixture.Container.GetBlockBlobClient(_prefix + "large").GetBlockListAsync(cancellationToken: None)).Value;
        Assert.Equal([4 << 20, 4 << 20, content.Length - (8 << 20)], blocks.CommittedBlocks.Select(block => block.Size));
        Assert.Empty(blocks.UncommittedBlocks);
        Assert.Equal(content, await ReadAsync(Open(), "large"));
    }

    [Fact]
    public async Task An_object_whose_answers_were_lost_is_there_once_and_is_not_completed_again_under_its_readers()
    {
        var lost = new LostAnswers("comp=block&", "comp=blocklist");
        var content = Content(5_000_000, 1);
        var writing = WriteAsync(Open(_fixture.Azurite.ConnectionString, new BlobLogOptions(), lost), "lost", content);
        IObjectReader? reader;
        while ((reader = await Open().OpenAsync("lost", None)) is null)
            Assert.False(writing.IsCompleted && !lost.IsDone);
        await using var open = reader;
        await writing;
        Assert.True(lost.IsDone);
        var read = new byte[reader.Length];
        await reader.ReadAsync(0, read, None);
        Assert.Equal(content, read);
    }

    [Fact]
    public async Task A_reader_of_a_replaced_object_fails_and_one_of_a_deleted_object_too()
    {
        var store = Open();
        await WriteAsync(store, "one", Content(1_000, 1));
        await using var reader = (await store.OpenAsync("one", None))!;
        await WriteAsync(store, "one", Content(1_000, 2));
        await AssertGoneAsync();
        await store.DeleteAsync("one", None);
        await AssertGoneAsync();

        async Task AssertGoneAsync()
        {
            var gone = await Assert.ThrowsAsync<StorageException>(async () => await reader.ReadAsync(0, new byte[10], None));
            Assert.Equal(
                ($"Blob {BlobLogFixture.ContainerName}/{_prefix}one was replaced or deleted while it was read.", false), (gone.Message, gone.IsTransient));
        }
    }

    [Fact]
    public async Task Of_two_writers_of_one_name_the_first_to_complete_has_it_and_the_other_is_told()
    {
        var store = Open();
        await using var first = await store.CreateAsync("same", None);
        await using var second = await store.CreateAsync("same", None);
        await first.WriteAsync(Content(5_000_000, 1), None);
        await second.WriteAsync(Content(5_000_000, 2), None);
        await second.CompleteAsync(None);
        await Assert.ThrowsAsync<StorageException>(async () => await first.CompleteAsync(None));
        Assert.Equal(Content(5_000_000, 2), await ReadAsync(store, "same"));
    }

    [Fact]
    public async Task A_part_that_cannot_be_written_loses_the_object_and_wrong_credentials_are_told_without_them()
    {
        await using var proxy = new FaultyProxy(_fixture.Azurite.Port);
        var store = Open(proxy.Port, new BlobLogOptions { RetryTime = TimeSpan.FromMilliseconds(200) });
        await using var writer = await store.CreateAsync("cut", None);
        proxy.Fault = Fault.Cut;
        var away = await Assert.ThrowsAsync<StorageException>(async () => await writer.WriteAsync(new byte[5_000_000], None));
        Assert.True(away.IsTransient);
        Assert.Contains($"{_prefix}cut at 127.0.0.1:{proxy.Port} cannot be reached: ", away.Message, StringComparison.Ordinal);
        proxy.Fault = Fault.None;
        await Assert.ThrowsAsync<StorageException>(async () => await writer.CompleteAsync(None));
        Assert.Empty(await store.ListAsync("", None));

        const string Key = "d3JvbmcgYnV0IGxvbmcgZW5vdWdoIHRvIGJlIGEga2V5";
        string right = _fixture.Azurite.ConnectionString.Split(';').Single(part => part.StartsWith("AccountKey=", StringComparison.Ordinal));
        var wrong = Open(_fixture.Azurite.ConnectionString.Replace(right, "AccountKey=" + Key, StringComparison.Ordinal), new BlobLogOptions());
        foreach (var call in (Func<Task>[])
            [
                async () => await wrong.OpenAsync("one", None),
                async () => await wrong.ListAsync("", None),
                async () => await wrong.DeleteAsync("one", None),
                async () => await WriteAsync(wrong, "one", new byte[1]),
            ])
        {
            var refused = await Assert.ThrowsAsync<StorageException>(call);
            Assert.False(refused.IsTransient);
            Assert.Contains($"Blob {BlobLogFixture.ContainerName}/{_prefix}", refused.Message, StringComparison.Ordinal);
            Assert.EndsWith("is refused: AuthorizationFailure (status 403).", refused.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(Key, refused.ToString(), StringComparison.Ordinal);
        }
    }

    protected override IObjectStore Open() => Open(_fixture.Azurite.Port);

    private BlobObjectStore Open(int port, BlobLogOptions? options = null) => Open(AzuriteServer.ConnectionStringThrough(port), options ?? new BlobLogOptions());

    private BlobObjectStore Open(string connectionString, BlobLogOptions options, HttpPipelinePolicy? policy = null)
    {
        var client = options.CreateClientOptions();
        if (policy is not null)
            client.AddPolicy(policy, HttpPipelinePosition.PerRetry);
        return new(new BlobServiceClient(connectionString, client).GetBlobContainerClient(BlobLogFixture.ContainerName), _prefix, options);
    }
}
