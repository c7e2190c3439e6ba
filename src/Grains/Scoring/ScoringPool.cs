using System.Diagnostics.Metrics;
using KgOrleans.Ranking.Recall;
using Microsoft.Extensions.Options;

namespace KgOrleans.Grains.Scoring;

/// <summary>The scoring pool refused a job: too many wait already.</summary>
public sealed class ScoringOverloadedException() : Exception("the scoring pool's queue is full");

/// <summary>
/// The silo's bounded pool for long CPU work: scans, rankers, diversity. Grain turns await it and stay short. Scans that wait for the same partition share a
/// pass.
/// </summary>
public sealed class ScoringPool : IDisposable
{
    /// <summary>Name of the meter: scans, and the passes that they shared.</summary>
    public const string MeterName = "KgOrleans.Scoring";

    private readonly Meter _meter = new(MeterName);
    private readonly ScanPool _pool;

    /// <summary>Starts the threads.</summary>
    public ScoringPool(IOptions<ScoringOptions> options)
    {
        var settings = options.Value;
        _pool = new ScanPool(settings.Threads > 0 ? settings.Threads : Environment.ProcessorCount, settings.QueueLength);
        _meter.CreateObservableCounter("kg.scoring.scans", () => _pool.Scans, "{scan}", "Scans of a shard for a request");
        _meter.CreateObservableCounter("kg.scoring.passes", () => _pool.Batches, "{pass}", "Passes over a shard; scans that wait at the same time share one");
    }

    /// <summary>Idle threads now: a hint for callers that can split their work.</summary>
    public int Idle => _pool.Idle;

    /// <summary>
    /// Runs a job on the pool. Cancellation frees the caller at once; the job is skipped or runs on, so it must not touch anything that the caller uses
    /// afterwards.
    /// </summary>
    /// <param name="scene">Key of the scene that pays for it.</param>
    /// <param name="job">The job.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ScoringOverloadedException">The queue is full, or the pool is closing.</exception>
    public Task<T> Run<T>(ulong scene, Func<T> job, CancellationToken cancellationToken) =>
        _pool.TryRun(scene, job, cancellationToken) ?? Task.FromException<T>(new ScoringOverloadedException());

    /// <summary>Answers a request from the newest view of a partition, in one pass with others of its scene that wait for it.</summary>
    /// <param name="scene">Key of the scene that pays for it.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ScoringOverloadedException">The queue is full, or the pool is closing.</exception>
    public Task<ScanAnswer> Scan(ulong scene, IScanSource partition, RecallRequest request, CancellationToken cancellationToken) =>
        _pool.TryScan(scene, partition, request, cancellationToken) ?? Task.FromException<ScanAnswer>(new ScoringOverloadedException());

    /// <inheritdoc />
    public void Dispose()
    {
        _meter.Dispose();
        _pool.Dispose();
    }
}
