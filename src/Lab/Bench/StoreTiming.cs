namespace KgOrleans.Lab.Bench;

/// <summary>A measurement of a store.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Batch">Records of one append.</param>
/// <param name="PerSecond">Records a second, durable.</param>
internal sealed record StoreTiming(string Name, int Batch, double PerSecond)
{
    /// <summary>Share of the speed of a plain write and flush of the same bytes.</summary>
    public double? ShareOfPlain { get; init; }

    /// <summary>Bytes in files for each byte of a record.</summary>
    public double? Amplification { get; init; }

    /// <summary>Callers that each wait for their own append.</summary>
    public int? Callers { get; init; }

    /// <summary>What every flush takes more, in milliseconds.</summary>
    public double? FlushMs { get; init; }

    /// <summary>Median of an append, in milliseconds.</summary>
    public double? P50Ms { get; init; }

    /// <summary>99 % of appends take at most this, in milliseconds.</summary>
    public double? P99Ms { get; init; }
}
