namespace KgOrleans.Grains.Users;

/// <summary>How users' state is written: section <c>Kg:UserState</c>.</summary>
public sealed class UserStateOptions
{
    /// <summary>Default of <see cref="WriteTimeoutMs"/>: several times the slowest write of a healthy store, and shorter than clients usually wait.</summary>
    public const int DefaultWriteTimeoutMs = 5_000;

    /// <summary>Default of <see cref="QueueLength"/>: a user's own calls are a few at once; a backfill of one user's events sends more.</summary>
    public const int DefaultQueueLength = 256;

    /// <summary>
    /// Milliseconds after which a write of a user is answered as not recorded, 100..60,000. The write may still be stored; sending it again is harmless.
    /// </summary>
    public int WriteTimeoutMs { get; set; } = DefaultWriteTimeoutMs;

    /// <summary>Calls that may wait for one user's write, 1..100,000. A call beyond that is answered as not recorded at once.</summary>
    public int QueueLength { get; set; } = DefaultQueueLength;

    internal void Check(SettingChecks checks)
    {
        checks.Range("Kg:UserState:WriteTimeoutMs", WriteTimeoutMs, 100, 60_000);
        checks.Range("Kg:UserState:QueueLength", QueueLength, 1, 100_000);
    }
}
