namespace Orleans.Configuration;

/// <summary>Refuses bad <see cref="AzureBlobStorageOptions"/> when the silo starts, naming every fault at once.</summary>
/// <param name="options">The options.</param>
/// <param name="name">The provider's name.</param>
public class AzureBlobStorageOptionsValidator(AzureBlobStorageOptions options, string name) : IConfigurationValidator
{
    /// <inheritdoc/>
    public void ValidateConfiguration()
    {
        var errors = new List<string>();
        if (options.BlobServiceClient is null)
            errors.Add("No credentials specified: set ConnectionString, ConnectionName or ServiceKey in configuration, or BlobServiceClient in code.");
        if (!IsContainerName(options.ContainerName))
            errors.Add($"{nameof(options.ContainerName)} '{options.ContainerName}' must be 3 to 63 characters of a-z, 0-9 and single hyphens, and begin and end with a letter or digit.");
        if (options.GrainStorageSerializer is null)
            errors.Add($"{nameof(options.GrainStorageSerializer)} is required.");
        if (errors.Count > 0)
            throw new OrleansConfigurationException($"{nameof(AzureBlobStorageOptions)} of grain storage '{name}' are invalid. {string.Join(' ', errors)}");
    }

    /// <summary>The rules of the blob service; the three special containers ($root, $logs, $web) hold no states.</summary>
    private static bool IsContainerName(string? value) =>
        value is { Length: >= 3 and <= 63 }
        && value.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
        && value[0] != '-' && value[^1] != '-' && !value.Contains("--", StringComparison.Ordinal);
}
