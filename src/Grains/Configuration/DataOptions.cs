namespace KgOrleans.Grains.Configuration;

/// <summary>Where durable data lives: section <c>Kg:Data</c>.</summary>
public sealed class DataOptions
{
    /// <summary>Default of <see cref="Path"/>: beside the process.</summary>
    public const string DefaultPath = "data";

    /// <summary>Directory of logs and state; one process at a time can use it.</summary>
    public string Path { get; set; } = DefaultPath;

    internal void Check(SettingChecks checks)
    {
        if (string.IsNullOrWhiteSpace(Path))
            checks.Add("Kg:Data:Path", "is empty, it must name a directory");
    }
}
