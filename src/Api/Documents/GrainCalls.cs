using KgOrleans.Storage;

namespace KgOrleans.Api.Documents;

/// <summary>Which failures of grain calls pass by themselves.</summary>
internal static class GrainCalls
{
    /// <summary>
    /// Whether the same call may succeed later: time-outs, silos that left, activations that lost a race for their state (<see cref="OrleansException"/> is the
    /// root of those), a store that is away.
    /// A cancellation by the caller is none, nor is a state that is stored but cannot be read.
    /// </summary>
    public static bool IsTransient(Exception exception, CancellationToken cancellationToken) =>
        exception switch
        {
            OperationCanceledException => !cancellationToken.IsCancellationRequested,
            TimeoutException => true,
            OrleansException => !StorageException.IsForGood(exception),
            StorageException stored => stored.IsTransient,
            _ => false,
        };
}
