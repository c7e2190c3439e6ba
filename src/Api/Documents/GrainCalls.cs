namespace KgOrleans.Api.Documents;

/// <summary>Which failures of grain calls pass by themselves.</summary>
internal static class GrainCalls
{
    /// <summary>
    /// Whether the same call may succeed later: time-outs, silos that left, activations that lost a race for their state (<see cref="OrleansException"/> is the root of those).
    /// A cancellation by the caller is none.
    /// </summary>
    public static bool IsTransient(Exception exception, CancellationToken cancellationToken) =>
        exception is TimeoutException or OrleansException || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
