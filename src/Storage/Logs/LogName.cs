using System.Text.RegularExpressions;

namespace KgOrleans.Storage.Logs;

/// <summary>The one rule for names of logs and of documents beside them.</summary>
internal static partial class LogName
{
    public static void Validate(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!Valid().IsMatch(name))
            throw new ArgumentException($"'{name}' is not a log name: 1 to 64 characters of [a-z0-9-] are allowed.", nameof(name));
    }

    // \z and not $: $ also matches before a final line feed.
    [GeneratedRegex(@"\A[a-z0-9-]{1,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Valid();
}
