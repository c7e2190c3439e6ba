namespace KgOrleans.Lab.Bench;

/// <summary>One measurement.</summary>
internal sealed record LoadPlan
{
    /// <summary>Requests in flight: always in a closed loop, at most in an open one.</summary>
    public required int Callers { get; init; }

    /// <summary>Time before the measurement: connections, caches and tiered compilation settle.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>Time measured.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Requests a second of an open loop; null for a closed one.</summary>
    public double? Rate { get; init; }
}
