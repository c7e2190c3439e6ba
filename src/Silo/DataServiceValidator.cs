using KgOrleans.Grains.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KgOrleans.Silo;

/// <summary>Refuses logs in an account that the configuration does not have.</summary>
internal sealed class DataServiceValidator(IConfiguration configuration) : IValidateOptions<KgOptions>
{
    public ValidateOptionsResult Validate(string? name, KgOptions options) =>
        options.Data is { UsesBlobs: true, Blobs.Service: { Length: > 0 } service } && !BlobServices.Exists(configuration, service)
            ? ValidateOptionsResult.Fail($"Kg:Data:Blobs:Service is '{service}', but there is no Kg:BlobServices:{service}")
            : ValidateOptionsResult.Success;
}
