using KgOrleans.Grains.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace KgOrleans.Silo;

/// <summary>Configuration of a silo: bound and checked as a whole, handed to each feature in part.</summary>
internal static class KgOptionsExtensions
{
    public static void AddKgOptions(this IServiceCollection services)
    {
        services.AddOptions<KgOptions>().BindConfiguration(KgOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<KgOptions>, KgOptionsValidator>();
        services.AddSingleton<IValidateOptions<KgOptions>, SingleSiloValidator>();
        services.AddSingleton<IValidateOptions<KgOptions>, DataServiceValidator>();
        services.AddPart(options => options.Shards);
        services.AddPart(options => options.Catalogue);
        services.AddPart(options => options.Model);
        services.AddPart(options => options.Scoring);
        services.AddPart(options => options.UserState);
        services.AddPart(options => options.Requests);
        services.AddPart(options => options.Scenes);
    }

    private static void AddPart<T>(this IServiceCollection services, Func<KgOptions, T> part)
        where T : class => services.AddSingleton(provider => Options.Create(part(provider.GetRequiredService<IOptions<KgOptions>>().Value)));
}
