using System.Net;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using KgOrleans.Api.Problems;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace KgOrleans.Api.Security;

/// <summary>
/// Authenticates by <c>X-Api-Key</c> or <c>Authorization: Bearer</c>. The dashboard also takes Basic, with the key as password, because a browser can send
/// that;
/// nothing else does, since browsers attach Basic to cross-site requests too.
/// </summary>
internal sealed class ApiKeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, ApiKeyRing keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    public const string SchemeName = "ApiKey";
    public const string DashboardPath = "/dashboard";
    private const string KeyHeader = "X-Api-Key";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (!keys.Enforced)
        {
            // Only loopback is bound without keys; the connection is checked as well, in case an address slipped past the check of the configuration.
            var remote = Context.Connection.RemoteIpAddress;
            return Task.FromResult(remote is null || IPAddress.IsLoopback(remote) ? Success("loopback", ApiRoles.All) : AuthenticateResult.NoResult());
        }
        var presented = Presented();
        if (presented is null)
            return Task.FromResult(AuthenticateResult.NoResult());
        var roles = keys.RolesOf(presented);
        return Task.FromResult(roles.IsEmpty ? AuthenticateResult.Fail("unknown key") : Success(roles[^1], roles));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.WWWAuthenticate = Request.Path.StartsWithSegments(DashboardPath)
            ? "Basic realm=\"KgOrleans\", charset=\"UTF-8\""
            : "Bearer realm=\"KgOrleans\"";
        return Problem.OfStatus(StatusCodes.Status401Unauthorized, $"An API key is required, in {KeyHeader} or as Authorization: Bearer.")
            .ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        Problem.OfStatus(StatusCodes.Status403Forbidden, $"The role of the key, {Context.User.Identity?.Name}, does not allow this.").ExecuteAsync(Context);

    private string? Presented()
    {
        var key = Request.Headers[KeyHeader].ToString();
        if (key.Length > 0)
            return key;
        var authorization = Request.Headers.Authorization.ToString();
        if (authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return authorization["Bearer ".Length..].Trim();
        return Request.Path.StartsWithSegments(DashboardPath) && authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)
            ? Password(authorization["Basic ".Length..].Trim())
            : null;
    }

    private static string? Password(string credentials)
    {
        var bytes = new byte[credentials.Length];
        if (!Convert.TryFromBase64String(credentials, bytes, out var length))
            return null;
        var text = Encoding.UTF8.GetString(bytes, 0, length);
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : text[(colon + 1)..];
    }

    private static AuthenticateResult Success(string name, ReadOnlySpan<string> roles)
    {
        var identity = new ClaimsIdentity(SchemeName);
        identity.AddClaim(new Claim(identity.NameClaimType, name));
        foreach (var role in roles)
            identity.AddClaim(new Claim(identity.RoleClaimType, role));
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), SchemeName));
    }
}
