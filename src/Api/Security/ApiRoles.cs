namespace KgOrleans.Api.Security;

/// <summary>Roles of API keys, which are also the names of the authorization policies. Each includes the ones before it.</summary>
internal static class ApiRoles
{
    /// <summary>Recommendations and every GET of <c>/v1</c> and <c>/metrics</c>.</summary>
    public const string Read = "read";

    /// <summary>Events, items and users as well.</summary>
    public const string Write = "write";

    /// <summary>The dashboard as well.</summary>
    public const string Admin = "admin";

    /// <summary>All, weakest first.</summary>
    public static readonly string[] All = [Read, Write, Admin];
}
