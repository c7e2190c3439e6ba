using System.Globalization;
using System.Text;
using KgOrleans.Api.Hosting;
using KgOrleans.Silo;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Api.Tests.Fakes;

/// <summary>The service as it is started: API and silo over a data directory of its own.</summary>
public sealed class LiveHost : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("kg-live-").FullName;
    private WebApplication _app = null!;

    public HttpClient Http { get; private set; } = null!;

    public Uri Address => Http.BaseAddress!;

    public IServiceProvider Services => _app.Services;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Kg:Http:Urls"] = "http://127.0.0.1:0",
            ["Kg:Data:Path"] = _data,
            ["Kg:Shards:Count"] = "2",
            ["Kg:Catalogue:ContentDimension"] = "3",
        });
        builder.Logging.ClearProviders();
        builder.AddKgSilo();
        builder.AddKgApi();
        _app = builder.Build();
        _app.MapKgApi();
        await _app.StartAsync();
        var address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Http = new HttpClient(new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1 }) { BaseAddress = new Uri(address) };
        while (!(await Http.GetAsync("/health/ready")).IsSuccessStatusCode)
            await Task.Delay(50);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_data, recursive: true);
    }

    /// <summary>A number from the environment that makes a run longer.</summary>
    public static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : otherwise;
}
