using KgOrleans.Api.Recommend;

namespace KgOrleans.Api.Hosting;

/// <summary>Makes what a request would otherwise be the first to need. Runs after the silo took the data directory and before the server listens.</summary>
internal sealed class ApiStartup(IServiceProvider services) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        services.GetRequiredService<PageTokens>();
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
