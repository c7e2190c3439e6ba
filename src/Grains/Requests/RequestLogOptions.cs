namespace KgOrleans.Grains.Requests;

/// <summary>Which requests a silo remembers for <c>GET /v1/requests/{requestId}</c>, section <c>Kg:Requests</c>: the newest, within all three bounds.</summary>
public sealed class RequestLogOptions
{
    /// <summary>Default of <see cref="Capacity"/>: half a minute of the busiest silo, an afternoon of one person who tries things out.</summary>
    public const int DefaultCapacity = 10_000;

    /// <summary>Default of <see cref="Minutes"/>: as long as a chain of pages can be continued.</summary>
    public const int DefaultMinutes = 30;

    /// <summary>Default of <see cref="MaxMegabytes"/>: about 4,700 pages of ten items.</summary>
    public const int DefaultMaxMegabytes = 128;

    /// <summary>Most requests, 0..1,000,000; 0 remembers none.</summary>
    public int Capacity { get; set; } = DefaultCapacity;

    /// <summary>Minutes after which a request is forgotten, 1..1,440.</summary>
    public int Minutes { get; set; } = DefaultMinutes;

    /// <summary>Most memory, 1..16,384 MB, estimated from the items of the pages.</summary>
    public int MaxMegabytes { get; set; } = DefaultMaxMegabytes;

    internal void Check(SettingChecks checks)
    {
        checks.Range("Kg:Requests:Capacity", Capacity, 0, 1_000_000);
        checks.Range("Kg:Requests:Minutes", Minutes, 1, 1_440);
        checks.Range("Kg:Requests:MaxMegabytes", MaxMegabytes, 1, 16_384);
    }
}
