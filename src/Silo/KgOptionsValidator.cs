using KgOrleans.Grains.Configuration;
using Microsoft.Extensions.Options;

namespace KgOrleans.Silo;

/// <summary>Reports everything that is wrong with the configuration at once.</summary>
internal sealed class KgOptionsValidator : IValidateOptions<KgOptions>
{
    public ValidateOptionsResult Validate(string? name, KgOptions options) =>
        options.Validate() is { Count: > 0 } errors ? ValidateOptionsResult.Fail(errors) : ValidateOptionsResult.Success;
}
