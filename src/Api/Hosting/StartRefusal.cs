using KgOrleans.Inference.Bundles;
using KgOrleans.Storage;
using Microsoft.Extensions.Options;

namespace KgOrleans.Api.Hosting;

/// <summary>Tells a start that was refused for a reason an operator can mend from a defect, which should show its stack.</summary>
internal static class StartRefusal
{
    /// <summary>What to tell the operator; null for a defect.</summary>
    public static string? Describe(Exception exception) => exception switch
    {
        OptionsValidationException options => Lines(options.Failures),
        AggregateException several when several.InnerExceptions.All(e => e is OptionsValidationException) =>
            Lines(several.InnerExceptions.Cast<OptionsValidationException>().SelectMany(e => e.Failures)),
        StartRefusedException or StorageException or BundleException or IOException or UnauthorizedAccessException
            or OrleansConfigurationException => Lines([exception.Message]),
        _ => null,
    };

    private static string Lines(IEnumerable<string> reasons) =>
        $"The service did not start:{Environment.NewLine}  {string.Join(Environment.NewLine + "  ", reasons)}";
}
