namespace KgOrleans.Client;

/// <summary>How a request that failed for a passing reason is repeated.</summary>
/// <param name="Attempts">Attempts in all, the first included.</param>
/// <param name="FirstDelay">Wait before the second attempt; it doubles with every further one.</param>
/// <param name="LongestDelay">Bound of one wait, also of one that the service asks for.</param>
public sealed record RetryPolicy(int Attempts, TimeSpan FirstDelay, TimeSpan LongestDelay)
{
    /// <summary>Rides out a restart or a shard that moves: about a minute in all.</summary>
    public static RetryPolicy Default { get; } = new(8, TimeSpan.FromMilliseconds(250), TimeSpan.FromSeconds(30));

    /// <summary>One attempt: for measurements, where a retry would hide the failure.</summary>
    public static RetryPolicy None { get; } = new(1, TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>Wait after a failed attempt (counted from 1): what the service asked for, else doubled with a fifth of jitter, both bounded.</summary>
    public TimeSpan DelayAfter(int attempt, TimeSpan? asked, double jitter)
    {
        var own = FirstDelay * Math.Pow(2, attempt - 1) * (0.9 + (0.2 * jitter));
        var delay = asked ?? own;
        return delay < TimeSpan.Zero ? TimeSpan.Zero : delay > LongestDelay ? LongestDelay : delay;
    }
}
