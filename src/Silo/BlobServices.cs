using Azure.Core;
using Azure.Identity;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KgOrleans.Silo;

/// <summary>
/// Accounts of Azure Blob Storage by name, section <c>Kg:BlobServices:{name}</c>: keyed <see cref="BlobServiceClient"/> services for <c>ServiceKey</c> of
/// <c>Orleans:GrainStorage</c>, and the accounts of <c>Kg:Data:Blobs</c>. Beside what a connection string there can do, a secret may lie in a file, and a URI
/// without SAS means the process's own identity.
/// </summary>
internal static class BlobServices
{
    private const string Section = "Kg:BlobServices";

    // A state is some kilobytes: what takes longer than this is lost, and a second try is worth more than waiting. The SDK's own limit is 100 seconds.
    private static readonly TimeSpan NetworkTimeout = TimeSpan.FromSeconds(5);

    public static void AddBlobServices(this IServiceCollection services, IConfiguration configuration)
    {
        foreach (var section in configuration.GetSection(Section).GetChildren())
            services.AddKeyedSingleton(section.Key, (_, _) => Connect(section, StateClientOptions()));
    }

    /// <summary>Whether there is an account of a name.</summary>
    public static bool Exists(IConfiguration configuration, string name) => configuration.GetSection(Section).GetSection(name).Exists();

    /// <summary>A client of its own for an account.</summary>
    /// <exception cref="OptionsValidationException">The section does not name one account; every fault is said.</exception>
    public static BlobServiceClient Connect(IConfiguration configuration, string name, BlobClientOptions options) =>
        Connect(configuration.GetSection(Section).GetSection(name), options);

    /// <summary>Settings of a client that tries a lost request again.</summary>
    public static BlobClientOptions StateClientOptions()
    {
        var options = new BlobClientOptions();
        options.Retry.NetworkTimeout = NetworkTimeout;
        options.Retry.Mode = RetryMode.Exponential;
        return options;
    }

    private static BlobServiceClient Connect(IConfigurationSection section, BlobClientOptions options)
    {
        var (uri, connection, file) = (section["Uri"], section["ConnectionString"], section["ConnectionStringFile"]);
        var errors = new List<string>();
        if (new[] { uri, connection, file }.Count(value => !string.IsNullOrEmpty(value)) != 1)
            errors.Add($"{section.Path} needs one of Uri, ConnectionString and ConnectionStringFile");
        if (!string.IsNullOrEmpty(uri) && !Uri.TryCreate(uri, UriKind.Absolute, out _))
            errors.Add($"{section.Path}:Uri is no absolute URI");
        if (!string.IsNullOrEmpty(file))
        {
            try
            {
                connection = File.ReadAllText(file).Trim();
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                errors.Add($"{section.Path}:ConnectionStringFile {file} cannot be read: {exception.Message}");
            }
        }
        if (errors.Count > 0)
            throw new OptionsValidationException(section.Path, typeof(BlobServiceClient), errors);
        if (string.IsNullOrEmpty(uri))
            return Connect(section, connection!, options);
        var address = new Uri(uri);
        return address.Query.Contains("sig=", StringComparison.Ordinal)
            ? new BlobServiceClient(address, options)
            : new BlobServiceClient(address, new DefaultAzureCredential(), options);
    }

    private static BlobServiceClient Connect(IConfigurationSection section, string connection, BlobClientOptions options)
    {
        try
        {
            return new BlobServiceClient(connection, options);
        }
        catch (FormatException exception)
        {
            // The SDK's text says what is missing and quotes nothing.
            throw new OptionsValidationException(
                section.Path, typeof(BlobServiceClient), [$"{section.Path} holds no valid connection string: {exception.Message}"]);
        }
    }
}
