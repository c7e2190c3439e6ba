using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Storage;

namespace KgOrleans.Storage.Tests;

/// <summary>One silo in a host of its own, as a product runs it: for starts that may be refused.</summary>
public sealed class SiloHost : IAsyncDisposable
{
    private readonly IHost _host;

    private SiloHost(IHost host) => _host = host;

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public IGrainStorage DefaultStorage => _host.Services.GetRequiredKeyedService<IGrainStorage>("Default");

    public static async Task<SiloHost> StartAsync(Action<HostApplicationBuilder> configure, Action<ISiloBuilder> configureSilo, string service = "test")
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        configure(builder);
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(FreePort(), FreePort(), serviceId: service, clusterId: service);
            configureSilo(silo);
        });
        // One whose start fails is left as it is: disposing of it ends its membership, on which its grain directory then spins until the process ends.
        var host = new SiloHost(builder.Build());
        await host._host.StartAsync();
        return host;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
