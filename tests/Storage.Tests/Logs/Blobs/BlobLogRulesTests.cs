using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using KgOrleans.Storage.Logs;
using KgOrleans.Storage.Logs.Blobs;
using KgOrleans.TestSupport;

namespace KgOrleans.Storage.Tests.Logs.Blobs;

/// <summary>The rules of logs on append blobs.</summary>
[Collection(nameof(BlobLogCollection))]
[Trait("Suite", "Cluster")]
public sealed class BlobLogRulesTests : LogRules
{
    private static readonly BlobLogOptions Options = new() { SegmentBytes = SegmentBytes, Linger = TimeSpan.Zero };

    private readonly BlobLogFixture _fixture;

    public BlobLogRulesTests(BlobLogFixture fixture)
    {
        if (AzuriteServer.Missing is { } missing)
            Assert.Skip(missing);
        _fixture = fixture;
    }

    // The fence of the medium itself is tried on 100 seeds (BlobLogFenceTests).
    protected override int Samples => 5;

    [Fact]
    public async Task Segments_that_have_ended_become_block_blobs_and_blobs_never_have_too_many_blocks()
    {
        string name = BlobLogFixture.NewName();
        var options = Options with { SegmentBytes = 1 << 20, MaxBlocks = 10 };
        var log = await OpenAsync(name, options);
        for (int i = 0; i < 20; i++)
            await log.AppendAsync(LogFixture.Records([(byte)i]));
        await log.DisposeAsync();
        var blobs = new List<(string Name, BlobType? Type, int Blocks)>();
        await foreach (var blob in _fixture.Container.GetBlobsAsync(BlobTraits.None, BlobStates.None, $"logs/{name}/", CancellationToken.None))
        {
            int blocks = blob.Properties.BlobType == BlobType.Append
                ? (await _fixture.Container.GetAppendBlobClient(blob.Name).GetPropertiesAsync()).Value.BlobCommittedBlockCount
                : 0;
            blobs.Add((blob.Name, blob.Properties.BlobType, blocks));
        }
        Assert.InRange(blobs.Count(b => b.Name.EndsWith(".sealed", StringComparison.Ordinal) && b.Type == BlobType.Block), 2, 6);
        Assert.InRange(Assert.Single(blobs, b => b.Type == BlobType.Append).Blocks, 1, options.MaxBlocks);
        await using var again = await OpenAsync(name, options);
        Assert.Equal(Enumerable.Range(0, 20), (await LogFixture.ReadAllAsync(again)).Select(p => (int)p[0]));
    }

    [Fact]
    public async Task Appends_that_come_while_one_lingers_share_its_block()
    {
        string name = BlobLogFixture.NewName();
        await using var log = await OpenAsync(name, Options with { Linger = TimeSpan.FromSeconds(1) });
        var first = log.AppendAsync(LogFixture.Records([1])).AsTask();
        await Task.Delay(100, TestContext.Current.CancellationToken);
        await log.AppendAsync(LogFixture.Records([2]));
        await first;
        await using var medium = _fixture.Open(name, Options);
        string segment = Assert.Single(await medium.ListAsync(CancellationToken.None));
        // The header is one block, and both appends are the other.
        Assert.Equal(2, (await _fixture.AppendBlob(name, segment).GetPropertiesAsync()).Value.BlobCommittedBlockCount);
    }

    protected override Task<IRecordLog> OpenAsync(string name) => OpenAsync(name, Options);

    private async Task<IRecordLog> OpenAsync(string name, BlobLogOptions options) => await _fixture.OpenStore(options).OpenAsync(name, CancellationToken.None);

    protected override async Task<int> SegmentsAsync(string name)
    {
        await using var medium = _fixture.Open(name, Options);
        return (await medium.ListAsync(CancellationToken.None)).Count;
    }
}
