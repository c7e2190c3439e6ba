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

    protected override async Task<IRecordLog> OpenAsync(string name) =>
        await SegmentedLog.OpenAsync(name, _fixture.Open(name, Options), BlobLogFixture.Logger, CancellationToken.None);

    protected override async Task<int> SegmentsAsync(string name)
    {
        await using var medium = _fixture.Open(name, Options);
        return (await medium.ListAsync(CancellationToken.None)).Count;
    }
}
