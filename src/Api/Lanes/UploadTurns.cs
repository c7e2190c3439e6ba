using System.Threading.RateLimiting;
using KgOrleans.Api.Hosting;
using Microsoft.Extensions.Options;

namespace KgOrleans.Api.Lanes;

/// <summary>
/// Bounds what all bulk uploads together write and hold. An upload waits for a turn with each batch, never for as long as its body takes to arrive: a slow
/// sender holds nothing back.
/// </summary>
internal sealed class UploadTurns(IOptions<HttpOptions> http) : IDisposable
{
    // Documents that wait in unfinished batches, over all uploads. 32 uploads fill it with two megabytes each; from there on batches are sent unfilled.
    private const long MaxHeldBytes = 64 << 20;

    private readonly ConcurrencyLimiter _turns = new(new ConcurrencyLimiterOptions
    {
        PermitLimit = http.Value.ConcurrentUploadBatches,
        // Each upload waits with one batch a lane, and reads no further meanwhile.
        QueueLimit = int.MaxValue,
        QueueProcessingOrder = QueueProcessingOrder.OldestFirst,
    });

    private long _held;

    /// <summary>Whether uploads hold so much that what they have must be sent.</summary>
    public bool IsCrowded => Volatile.Read(ref _held) > MaxHeldBytes;

    /// <summary>Waits for a turn to write one batch; disposing ends it.</summary>
    public ValueTask<RateLimitLease> TakeAsync(CancellationToken cancellationToken) => _turns.AcquireAsync(permitCount: 1, cancellationToken);

    /// <summary>Counts bytes that an upload holds from now on; negative ones it lets go of.</summary>
    public void Hold(long bytes) => Interlocked.Add(ref _held, bytes);

    /// <inheritdoc />
    public void Dispose() => _turns.Dispose();
}
