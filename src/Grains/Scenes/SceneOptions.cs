namespace KgOrleans.Grains.Scenes;

/// <summary>How scenes are written: section <c>Kg:Scenes</c>.</summary>
public sealed class SceneOptions
{
    /// <summary>Default of <see cref="WriteTimeoutMs"/>: several times the slowest write of a healthy store, and shorter than an operator waits.</summary>
    public const int DefaultWriteTimeoutMs = 5_000;

    /// <summary>
    /// Milliseconds after which a write of a scene is given up and answered 503, 100..60,000. The write may still be stored; sending it again is harmless.
    /// </summary>
    public int WriteTimeoutMs { get; set; } = DefaultWriteTimeoutMs;

    internal void Check(SettingChecks checks) => checks.Range("Kg:Scenes:WriteTimeoutMs", WriteTimeoutMs, 100, 60_000);
}
