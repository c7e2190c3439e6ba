namespace KgOrleans.Api.Demo;

/// <summary>Whether the demo world is complete. Until then the process is not ready: it could answer, but not as the demo is described.</summary>
internal sealed class DemoReadiness
{
    /// <summary>What <c>/health/ready</c> says until then.</summary>
    public const string Seeding = "The demo world is being written.";

    private volatile bool _complete;

    /// <summary>Why the process is not ready; null when it is.</summary>
    public string? Obstacle => _complete ? null : Seeding;

    /// <summary>Says that the world is complete.</summary>
    public void Complete() => _complete = true;
}
