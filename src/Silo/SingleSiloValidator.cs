using KgOrleans.Grains.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KgOrleans.Silo;

/// <summary>Refuses clustering: shards are not shared out among silos yet, so that each silo would take every log over from the others.</summary>
internal sealed class SingleSiloValidator(IConfiguration configuration) : IValidateOptions<KgOptions>
{
    public ValidateOptionsResult Validate(string? name, KgOptions options) => configuration.GetSection("Orleans:Clustering").Exists()
        ? ValidateOptionsResult.Fail("Orleans:Clustering is set, but this version is for a single silo")
        : ValidateOptionsResult.Success;
}
