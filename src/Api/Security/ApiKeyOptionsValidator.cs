using KgOrleans.Api.Hosting;
using Microsoft.Extensions.Options;

namespace KgOrleans.Api.Security;

/// <summary>Reports every key that the bound addresses ask for and that is missing or unfit.</summary>
internal sealed class ApiKeyOptionsValidator(ListenAddresses addresses) : IValidateOptions<ApiKeyOptions>
{
    public ValidateOptionsResult Validate(string? name, ApiKeyOptions options)
    {
        var errors = new List<string>();
        ApiKeyRing.Load(options, addresses.BeyondLoopback, errors);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
