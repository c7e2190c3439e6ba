using KgOrleans.DemoWorld;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;

namespace KgOrleans.Api.Demo;

/// <summary><c>--demo</c>: settings and seeding of the demo world.</summary>
internal static class DemoMode
{
    private const string Flag = "--demo";
    private const string BundlePath = "models/demo";

    /// <summary>
    /// Whether the arguments ask for the demo; the others are left in <paramref name="settings"/>, since the configuration would take the next one for the
    /// flag's value.
    /// </summary>
    public static bool IsAsked(string[] args, out string[] settings)
    {
        settings = [.. args.Where(a => a != Flag)];
        return settings.Length < args.Length;
    }

    /// <summary>Adds the demo's settings, below environment and command line, and its seeder.</summary>
    public static void AddDemo(this WebApplicationBuilder builder)
    {
        var world = new DemoWorldOptions();
        var defaults = new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>
            {
                ["Kg:Model:Path"] = FindUpwards(BundlePath) ?? BundlePath,
                ["Kg:Data:Path"] = "data",
                ["Kg:Catalogue:WorldId"] = world.WorldId,
                ["Kg:Catalogue:ContentDimension"] = world.ContentDimension.ToString(System.Globalization.CultureInfo.InvariantCulture),
            },
        };
        var sources = builder.Configuration.Sources;
        var environment = sources.OfType<EnvironmentVariablesConfigurationSource>().LastOrDefault(s => string.IsNullOrEmpty(s.Prefix));
        sources.Insert(environment is null ? sources.Count : sources.IndexOf(environment), defaults);
        builder.Services.AddSingleton(world);
        builder.Services.AddSingleton<DemoReadiness>();
        builder.Services.AddHostedService<DemoSeeder>();
    }

    // The bundle lies in the repository, the program in one of its output folders.
    private static string? FindUpwards(string path)
    {
        foreach (var start in new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                var candidate = Path.Combine(folder.FullName, path);
                if (File.Exists(Path.Combine(candidate, "manifest.json")))
                    return candidate;
            }
        }
        return null;
    }
}
