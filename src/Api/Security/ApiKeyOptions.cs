namespace KgOrleans.Api.Security;

/// <summary>API keys; section <c>Kg:ApiKeys</c>. Either the keys, or files that hold them. All three or none.</summary>
public sealed class ApiKeyOptions
{
    /// <summary>Shortest key in characters.</summary>
    public const int MinLength = 16;

    /// <summary>Key of the role read.</summary>
    public string? Read { get; set; }

    /// <summary>Key of the role write.</summary>
    public string? Write { get; set; }

    /// <summary>Key of the role admin.</summary>
    public string? Admin { get; set; }

    /// <summary>File that holds the key of the role read.</summary>
    public string? ReadFile { get; set; }

    /// <summary>File that holds the key of the role write.</summary>
    public string? WriteFile { get; set; }

    /// <summary>File that holds the key of the role admin.</summary>
    public string? AdminFile { get; set; }
}
