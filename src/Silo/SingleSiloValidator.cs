using KgOrleans.Grains.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace KgOrleans.Silo;

/// <summary>Refuses clustering: the logs lie on the local disk of one silo, a second one would not see them.</summary>
internal sealed class SingleSiloValidator(IConfiguration configuration) : IValidateOptions<KgOptions>
{
    public ValidateOptionsResult Validate(string? name, KgOptions options) => configuration.GetSection("Orleans:Clustering").Exists()
        ? ValidateOptionsResult.Fail("Orleans:Clustering is set, but logs on the local disk (Kg:Data:Path) are for a single silo")
        : ValidateOptionsResult.Success;
}
