using KgOrleans.Api.Hosting;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;

namespace KgOrleans.Api.Security;

/// <summary>Registration of keys, roles and the guards against what foreign web pages make browsers send.</summary>
internal static class SecurityExtensions
{
    public static void AddKgSecurity(this IServiceCollection services)
    {
        services.AddOptions<ApiKeyOptions>().BindConfiguration("Kg:ApiKeys").ValidateOnStart();
        services.AddSingleton<IValidateOptions<ApiKeyOptions>, ApiKeyOptionsValidator>();
        services.AddSingleton(provider => ApiKeyRing.Load(
            provider.GetRequiredService<IOptions<ApiKeyOptions>>().Value, provider.GetRequiredService<ListenAddresses>().BeyondLoopback, [])!);
        services.AddHostedService<ApiKeyReload>();
        services.AddCors();
        // The core alone: AddAuthentication brings data protection, whose keys on disk nothing here needs.
        services.AddAuthenticationCore(options => options.AddScheme<ApiKeyHandler>(ApiKeyHandler.SchemeName, displayName: null));
        services.AddWebEncoders();
        services.AddOptions<AuthenticationSchemeOptions>(ApiKeyHandler.SchemeName);
        services.AddTransient<ApiKeyHandler>();
        var authorization = services.AddAuthorizationBuilder();
        foreach (var role in ApiRoles.All)
            authorization.AddPolicy(role, policy => policy.RequireRole(role));
        // What is not marked otherwise, unknown routes included, asks for a key.
        authorization.SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireRole(ApiRoles.Read).Build());
    }

    public static void UseKgSecurity(this IApplicationBuilder app)
    {
        app.UseMiddleware<LocalHostGuard>();
        app.UseMiddleware<CrossSiteGuard>();
        // Before authentication: browsers ask whether they may call (preflight) without the caller's key.
        if (app.ApplicationServices.GetRequiredService<IOptions<HttpOptions>>().Value.AllowedOrigins is { Length: > 0 } origins)
            app.UseCors(cors => cors.WithOrigins(origins).AllowAnyMethod().AllowAnyHeader().WithExposedHeaders("ETag", "Location", "Retry-After"));
        app.UseAuthentication();
        app.UseAuthorization();
    }
}
