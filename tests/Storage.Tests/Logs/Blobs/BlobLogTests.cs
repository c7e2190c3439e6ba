using KgOrleans.TestSupport;

namespace KgOrleans.Storage.Tests.Logs.Blobs;

/// <summary>Tests that need the service.</summary>
[Collection(nameof(BlobLogCollection))]
[Trait("Suite", "Cluster")]
public abstract class BlobLogTests
{
    protected BlobLogTests(BlobLogFixture logs)
    {
        Assert.SkipWhen(AzuriteServer.Missing is not null, AzuriteServer.Missing ?? "");
        Logs = logs;
    }

    protected BlobLogFixture Logs { get; }

    protected static CancellationToken None => CancellationToken.None;
}
