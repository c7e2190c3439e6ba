using System.Net;

namespace KgOrleans.Api.Hosting;

/// <summary>The addresses that will be bound, known before the server starts so that a start without the keys that they ask for is refused.</summary>
internal sealed class ListenAddresses
{
    /// <summary>Bound when nothing is configured.</summary>
    public const string Default = "http://127.0.0.1:8080";

    private ListenAddresses(string[] urls) => Urls = urls;

    /// <summary>URLs as the server takes them.</summary>
    public IReadOnlyList<string> Urls { get; }

    /// <summary>Whether other machines reach one of them.</summary>
    public bool BeyondLoopback => Urls.Any(url => !IsLocal(HostOf(url)));

    /// <summary>
    /// Reads them: <c>Kg:Http:Urls</c>, else <c>urls</c> (ASPNETCORE_URLS), else <c>http_ports</c> and <c>https_ports</c>, which bind every interface, else
    /// <see cref="Default"/>;
    /// endpoints of the section <c>Kestrel</c> come on top, as the server itself will have it.
    /// </summary>
    public static ListenAddresses From(IConfiguration configuration)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"]).OfType<string>().ToArray();
        if (endpoints.Length > 0)
            return new ListenAddresses(endpoints);
        var urls = Split(configuration["Kg:Http:Urls"] ?? configuration["urls"]);
        if (urls.Length > 0)
            return new ListenAddresses(urls);
        string[] ports =
        [
            .. Split(configuration["http_ports"]).Select(p => $"http://*:{p}"),
            .. Split(configuration["https_ports"]).Select(p => $"https://*:{p}"),
        ];
        return new ListenAddresses(ports.Length > 0 ? ports : [Default]);
    }

    /// <summary>Whether a host name or address means this machine alone.</summary>
    public static bool IsLocal(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || host.StartsWith("unix:", StringComparison.Ordinal)
        || (IPAddress.TryParse(host.AsSpan().Trim("[]"), out var address) && IPAddress.IsLoopback(address));

    private static string HostOf(string url) => BindingAddress.Parse(url).Host;

    private static string[] Split(string? list) => (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
