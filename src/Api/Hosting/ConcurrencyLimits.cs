using System.Threading.RateLimiting;
using KgOrleans.Api.Problems;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Options;

namespace KgOrleans.Api.Hosting;

/// <summary>
/// Bounds the work in progress: a co-hosted API is no cluster client, so Orleans' own load shedding does not see it. What does not fit the queue is answered
/// 503 at once.
/// </summary>
internal static class ConcurrencyLimits
{
    private const int WaitingUploadsPerRunning = 4;

    private enum Lane
    {
        Free,
        Requests,
        Uploads,
    }

    public static void Configure(RateLimiterOptions limits, IOptions<HttpOptions> http)
    {
        limits.GlobalLimiter = PartitionedRateLimiter.Create<HttpContext, Lane>(context => LaneOf(context.Request) switch
        {
            Lane.Free => RateLimitPartition.GetNoLimiter(Lane.Free),
            Lane.Uploads => RateLimitPartition.GetConcurrencyLimiter(
                Lane.Uploads, _ => Options(http.Value.ConcurrentUploads, http.Value.ConcurrentUploads * WaitingUploadsPerRunning)),
            _ => RateLimitPartition.GetConcurrencyLimiter(Lane.Requests, _ => Options(http.Value.ConcurrentRequests, http.Value.QueuedRequests)),
        });
        limits.OnRejected = (context, _) =>
            new ValueTask(Problem.Unavailable("Too many requests at once. Send it again later.").ExecuteAsync(context.HttpContext));
    }

    // Uploads have a lane of their own, so that they cannot starve readers; probes and metrics must answer when everything else waits.
    private static Lane LaneOf(HttpRequest request)
    {
        if (request.Path.StartsWithSegments("/health") || request.Path.StartsWithSegments("/metrics"))
            return Lane.Free;
        return HttpMethods.IsPost(request.Method) && (request.Path.Equals("/v1/items") || request.Path.Equals("/v1/users")) ? Lane.Uploads : Lane.Requests;
    }

    private static ConcurrencyLimiterOptions Options(int permits, int queue) =>
        new() { PermitLimit = permits, QueueLimit = queue, QueueProcessingOrder = QueueProcessingOrder.OldestFirst };
}
