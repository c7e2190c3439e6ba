using System.Globalization;

namespace KgOrleans.Cli.Scenes;

/// <summary>Where a version of a scene comes from, in a few words.</summary>
internal static class SceneVersionText
{
    /// <summary>Time and origin.</summary>
    public static string Written(bool builtIn, DateTimeOffset? writtenAt, int? restoredFrom) =>
        builtIn
            ? "built in"
            : writtenAt?.ToString("u", CultureInfo.InvariantCulture)
                + (restoredFrom is { } version ? string.Create(CultureInfo.InvariantCulture, $", as version {version}") : "");
}
