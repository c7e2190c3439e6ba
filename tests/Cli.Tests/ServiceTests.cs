using KgOrleans.ClientTestSupport;

namespace KgOrleans.Cli.Tests;

/// <summary>A test of commands against a service in memory, with a folder for files.</summary>
public abstract class ServiceTests : IAsyncLifetime
{
    protected TestFolder Folder { get; } = new();

    protected FakeService Service { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Service = await FakeService.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }
}
