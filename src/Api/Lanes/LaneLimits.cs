using System.Threading.RateLimiting;
using KgOrleans.Api.Hosting;
using Microsoft.Extensions.Options;

namespace KgOrleans.Api.Lanes;

/// <summary>
/// Bounds the work in progress, lane by lane: a co-hosted API is no cluster client, so Orleans' own load shedding does not see it. What does not fit a lane's
/// queue is answered 503 at once.
/// </summary>
internal sealed class LaneLimits(IOptions<HttpOptions> http) : IDisposable
{
    // A dashboard asks for a handful of figures a second.
    private const int DashboardAtOnce = 8;
    private const int DashboardQueue = 64;

    // An export asks for one part after the other.
    private const int ExportsAtOnce = 2;
    private const int ExportsQueue = 8;

    // People who follow a trace.
    private const int StreamsAtOnce = 8;

    private readonly ConcurrencyLimiter _reads = Of(http.Value.ConcurrentRequests, http.Value.QueuedRequests);
    private readonly ConcurrencyLimiter _writes = Of(http.Value.ConcurrentRequests, http.Value.QueuedRequests);
    private readonly ConcurrencyLimiter _dashboard = Of(DashboardAtOnce, DashboardQueue);
    private readonly ConcurrencyLimiter _exports = Of(ExportsAtOnce, ExportsQueue);
    private readonly ConcurrencyLimiter _streams = Of(StreamsAtOnce, 0);

    /// <summary>The limiter of a lane; null where nothing is limited.</summary>
    public ConcurrencyLimiter? Of(Lane lane) => lane switch
    {
        Lane.Reads => _reads,
        Lane.Writes => _writes,
        Lane.Dashboard => _dashboard,
        Lane.Exports => _exports,
        Lane.Streams => _streams,
        _ => null,
    };

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var limiter in new[] { _reads, _writes, _dashboard, _exports, _streams })
            limiter.Dispose();
    }

    private static ConcurrencyLimiter Of(int permits, int queue) =>
        new(new ConcurrencyLimiterOptions { PermitLimit = permits, QueueLimit = queue, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });
}
