namespace KgOrleans.Api.Demo;

/// <summary>Waiting for a token that stands for a moment of the host's life.</summary>
internal static class LifetimeTokens
{
    /// <summary>
    /// Ends when <paramref name="moment"/> has come; throws <see cref="OperationCanceledException"/> when <paramref name="cancellationToken"/> comes first.
    /// </summary>
    public static async Task WaitAsync(this CancellationToken moment, CancellationToken cancellationToken)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = moment.Register(reached.SetResult);
        await reached.Task.WaitAsync(cancellationToken);
    }
}
