using KgOrleans.TestSupport;

namespace KgOrleans.Grains.Tests.BlobData;

/// <summary>One Azurite for the tests of a class; none where the machine cannot run it.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    public AzuriteServer? Server { get; private set; }

    public async ValueTask InitializeAsync()
    {
        if (AzuriteServer.Missing is null)
            Server = await AzuriteServer.StartAsync();
    }

    public ValueTask DisposeAsync() => Server?.DisposeAsync() ?? ValueTask.CompletedTask;
}
