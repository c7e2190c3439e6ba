using KgOrleans.Api.Problems;
using KgOrleans.Ranking.Keys;
using Microsoft.AspNetCore.Http.Timeouts;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace KgOrleans.Api.Hosting;

/// <summary>Addresses, server limits, time-outs and the bound on concurrent work.</summary>
internal static class HttpExtensions
{
    public static void AddKgHttp(this WebApplicationBuilder builder)
    {
        var addresses = ListenAddresses.From(builder.Configuration);
        builder.Services.AddSingleton(addresses);
        builder.WebHost.UseUrls([.. addresses.Urls]);
        var services = builder.Services;
        services.AddOptions<HttpOptions>().BindConfiguration("Kg:Http").ValidateOnStart();
        services.AddSingleton<IValidateOptions<HttpOptions>, HttpOptionsValidator>();
        services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = Limits.JsonBody;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 << 10;
            kestrel.Limits.MaxRequestHeaderCount = 64;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        });
        services.AddRequestTimeouts();
        services.AddOptions<RequestTimeoutOptions>().Configure<IOptions<HttpOptions>>((timeouts, http) =>
            timeouts.DefaultPolicy = new RequestTimeoutPolicy
            {
                Timeout = TimeSpan.FromSeconds(http.Value.RequestTimeoutSeconds),
                WriteTimeoutResponse = WriteTimeout,
            });
        services.AddRateLimiter(_ => { });
        services.AddOptions<Microsoft.AspNetCore.RateLimiting.RateLimiterOptions>().Configure<IOptions<HttpOptions>>(ConcurrencyLimits.Configure);
    }

    private static Task WriteTimeout(HttpContext http) => Problem.Unavailable("The request took too long.").ExecuteAsync(http);
}
