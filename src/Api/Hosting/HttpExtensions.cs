using System.IO.Compression;
using KgOrleans.Api.Json;
using KgOrleans.Api.Lanes;
using KgOrleans.Api.Problems;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.ResponseCompression;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace KgOrleans.Api.Hosting;

/// <summary>Addresses, server limits, time-outs, compression.</summary>
internal static class HttpExtensions
{
    // A body that crawls holds memory and a connection. Time that the server does not read does not count.
    private static readonly MinDataRate LeastRate = new(bytesPerSecond: 1_024, gracePeriod: TimeSpan.FromSeconds(5));

    public static void AddKgHttp(this WebApplicationBuilder builder)
    {
        var addresses = ListenAddresses.From(builder.Configuration);
        builder.Services.AddSingleton(addresses);
        builder.WebHost.UseUrls([.. addresses.Urls]);
        var services = builder.Services;
        services.AddOptions<HttpOptions>().BindConfiguration("Kg:Http").Configure<IConfiguration>(ReadOrigins).ValidateOnStart();
        services.AddSingleton<IValidateOptions<HttpOptions>, HttpOptionsValidator>();
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Limits.JsonBody;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 << 10;
            kestrel.Limits.MaxRequestHeaderCount = 64;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
            kestrel.Limits.MinRequestBodyDataRate = LeastRate;
            kestrel.Limits.MinResponseDataRate = LeastRate;
            kestrel.ConfigureEndpointDefaults(endpoint => endpoint.Use(
                next => connection => endpoint.ApplicationServices.GetRequiredService<Draining>().ServeAsync(connection, next)));
        });
        services.AddRequestTimeouts();
        services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<HttpOptions>>((timeouts, http) =>
            timeouts.DefaultPolicy = new RequestTimeoutPolicy
            {
                Timeout = TimeSpan.FromSeconds(http.Value.RequestTimeoutSeconds),
                WriteTimeoutResponse = WriteTimeout,
            });
        services.AddKgLanes();
        // Safe over TLS too: no credential is sent by a browser on its own, and no answer holds a secret that an attacker could guess at beside their own text.
        services.AddResponseCompression(compression =>
        {
            compression.EnableForHttps = true;
            compression.MimeTypes = [MediaTypes.Json, Problem.MediaType, SceneSchema.MediaType, "text/plain"];
        });
        services.Configure<BrotliCompressionProviderOptions>(brotli => brotli.Level = CompressionLevel.Fastest);
        services.Configure<GzipCompressionProviderOptions>(gzip => gzip.Level = CompressionLevel.Fastest);
        // A compressed body that was cut short must not pass for a whole one.
        AppContext.SetSwitch("System.IO.Compression.UseStrictValidation", true);
    }

    /// <summary>Limits the connections. Once the settings are known to be valid: the server's own options are read before that.</summary>
    public static void LimitConnections(this WebApplication app) => app.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value
        .Limits.MaxConcurrentConnections = app.Services.GetRequiredService<IOptions<HttpOptions>>().Value.MaxConnections;

    /// <summary>Compresses what callers with a key are answered. What anybody may ask for is not compressed: it must cost next to nothing.</summary>
    public static void UseKgCompression(this IApplicationBuilder app) => app.UseWhen(
        http => http.GetEndpoint() is { } endpoint
            && endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null && LaneExtensions.LaneOf(endpoint) is not (Lane.Dashboard or Lane.Streams),
        branch => branch.UseResponseCompression());

    // As one text too, so that an environment variable can hold it.
    private static void ReadOrigins(HttpOptions http, IConfiguration configuration)
    {
        if (configuration["Kg:Http:AllowedOrigins"] is { } text)
            http.AllowedOrigins = text.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static Task WriteTimeout(HttpContext http) => Problem.Unavailable("The request took too long.").ExecuteAsync(http);
}
