using System.Text.RegularExpressions;

namespace KgOrleans.Grains.Configuration;

/// <summary>The container of logs and snapshots: section <c>Kg:Data:Blobs</c>, in use when <c>Kg:Data:Logs</c> is <c>blobs</c>.</summary>
public sealed partial class BlobDataOptions
{
    /// <summary>Default of <see cref="Container"/>.</summary>
    public const string DefaultContainer = "kg-data";

    /// <summary>Default of <see cref="LingerMs"/>: at most 20 billed appends a second and log, and a write takes some 50 ms longer.</summary>
    public const int DefaultLingerMs = 50;

    /// <summary>Name of an account in <c>Kg:BlobServices</c>.</summary>
    public string Service { get; set; } = "";

    /// <summary>Name of the container; made when it is absent, and owned by one <c>Orleans:ServiceId</c>.</summary>
    public string Container { get; set; } = DefaultContainer;

    /// <summary>How long an append waits for others to share its block, in milliseconds, 0..1,000.</summary>
    public int LingerMs { get; set; } = DefaultLingerMs;

    internal void Check(SettingChecks checks)
    {
        if (string.IsNullOrWhiteSpace(Service))
            checks.Add("Kg:Data:Blobs:Service", "is empty, it must name an account of Kg:BlobServices");
        if (!ContainerName().IsMatch(Container))
            checks.Add("Kg:Data:Blobs:Container", $"is '{Container}', it must be 3..63 characters of a-z 0-9 -, without - at an end or twice in a row");
        checks.Range("Kg:Data:Blobs:LingerMs", LingerMs, 0, 1_000);
    }

    // \z and not $: $ also matches before a final line feed.
    [GeneratedRegex(@"\A(?!.*--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex ContainerName();
}
