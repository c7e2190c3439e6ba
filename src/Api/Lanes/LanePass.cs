using System.Threading.RateLimiting;
using KgOrleans.Api.Problems;

namespace KgOrleans.Api.Lanes;

/// <summary>A request's place in its lane, a feature of the request. It is taken once the body is here and left before the answer is sent.</summary>
/// <param name="limiter">The lane's limiter.</param>
internal sealed class LanePass(ConcurrencyLimiter limiter)
{
    private RateLimitLease? _lease;

    /// <summary>Waits for a place; the problem when the queue is full.</summary>
    public async ValueTask<Problem?> EnterAsync(CancellationToken cancellationToken)
    {
        var lease = await limiter.AcquireAsync(permitCount: 1, cancellationToken);
        if (!lease.IsAcquired)
        {
            lease.Dispose();
            return Problem.Unavailable("Too many requests at once. Send it again later.");
        }
        _lease = lease;
        return null;
    }

    /// <summary>Gives the place back. Harmless when there is none.</summary>
    public void Leave() => Interlocked.Exchange(ref _lease, null)?.Dispose();
}
