using KgOrleans.Client;

namespace KgOrleans.Lab.Bench;

/// <summary>Sends requests as a plan says and measures them.</summary>
internal static class LoadRun
{
    private static readonly TimeSpan Missed = TimeSpan.FromMilliseconds(50);

    /// <summary>Runs a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="send">Sends the request of a number, counted from 0, and says whether its answer was degraded; throws <see cref="ApiException"/>.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellation">Ends the run early, with an exception.</param>
    /// <param name="onMeasured">Called when the warm-up ends, while requests go on; null for nothing.</param>
    public static async Task<LoadResult> RunAsync(
        LoadPlan plan, Func<long, CancellationToken, Task<bool>> send, TimeProvider time, CancellationToken cancellation, Func<Task>? onMeasured = null)
    {
        var result = new LoadResult(plan);
        var begin = time.GetTimestamp();
        var end = plan.WarmUp + plan.Duration;
        long next = -1;
        var measuring = onMeasured is null ? Task.CompletedTask : AnnounceAsync(onMeasured);
        await Task.WhenAll(Enumerable.Range(0, plan.Callers).Select(_ => Task.Run(CallAsync, cancellation)));
        result.Measured = time.GetElapsedTime(begin) - plan.WarmUp;
        await measuring;
        return result;

        async Task AnnounceAsync(Func<Task> announce)
        {
            await Task.Delay(plan.WarmUp, time, cancellation);
            await announce();
        }

        async Task CallAsync()
        {
            while (!cancellation.IsCancellationRequested)
            {
                var number = Interlocked.Increment(ref next);
                if (await StartAsync(number) is not { } start || start >= end)
                    return;
                // While this process warms up it is late itself: what it has missed is not made up for, since the burst would be a load that nobody asked for.
                if (start < plan.WarmUp && time.GetElapsedTime(begin) - start > Missed)
                    continue;
                try
                {
                    var degraded = await send(number, cancellation);
                    if (start >= plan.WarmUp)
                        result.Add(time.GetElapsedTime(begin) - start, degraded);
                }
                catch (ApiException e)
                {
                    if (start >= plan.WarmUp)
                        result.AddError(e.Status is { } status ? ((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture) : "no answer");
                    // A service that refuses connections fails at once; without a pause the loop would only heat the processor.
                    if (e.Status is null)
                        await Task.Delay(TimeSpan.FromMilliseconds(50), time, cancellation);
                }
            }
        }

        // The moment that a request's time counts from. In an open loop that is its place in the schedule when callers are late, which corrects for coordinated
        // omission; a caller that was early and slept for it counts from its waking, because the timer's lateness is not the service's.
        async Task<TimeSpan?> StartAsync(long number)
        {
            var now = time.GetElapsedTime(begin);
            if (plan.Rate is not { } rate)
                return now;
            var due = TimeSpan.FromSeconds(number / rate);
            if (due >= end)
                return null;
            if (due <= now)
                return due;
            await Task.Delay(due - now, time, cancellation);
            return time.GetElapsedTime(begin);
        }
    }
}
