using System.Threading.Channels;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Grains.Models;
using KgOrleans.Grains.Scoring;
using KgOrleans.Grains.Snapshots;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Storage;
using KgOrleans.Storage.Logs;
using Microsoft.Extensions.Logging;

namespace KgOrleans.Grains.Shards;

/// <summary>
/// One shard's data on this silo: its log, its partition, and the single writer of both. It outlives activations of the shard's grain and runs outside of
/// turns.
/// </summary>
/// <remarks>A write is answered when the log is flushed and a view that contains it is published. Writes that wait share a flush.</remarks>
public sealed partial class ShardPartition : IScanSource, IAsyncDisposable
{
    private const int MaxBatch = 2_048;
    private const int QueueLength = 16_384;

    private readonly int _shard;
    private readonly ILogStore _store;
    private readonly CatalogueWorld _world;
    private readonly ModelHost _models;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Partition _partition;
    private readonly Channel<ShardJob> _queue = Channel.CreateBounded<ShardJob>(new BoundedChannelOptions(QueueLength) { SingleReader = true });
    private readonly ItemVersions _versions = new();
    private readonly ShardCounters _counters;
    private readonly HeldViews _held;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _writer;
    private IRecordLog? _log;
    private string? _failure;
    private bool _refusing;
    private long _logPosition;

    internal ShardPartition(
        int shard, ILogStore store, ShardSnapshots snapshots, CatalogueWorld world, ModelHost models, TimeProvider time, ILogger logger)
    {
        _shard = shard;
        _store = store;
        Snapshots = snapshots;
        _world = world;
        _models = models;
        _time = time;
        _logger = logger;
        var settings = new PartitionSettings(world.ContentDimension, models.EmbeddingDimension, models.SpaceId) { RecallDimension = models.RecallDimension };
        _partition = new Partition(settings);
        _counters = new ShardCounters(Neighbours);
        _held = new HeldViews(time);
        _writer = Task.Run(RunAsync);
    }

    /// <summary>Completes when the log is open and found whole; fails when it is not.</summary>
    public Task Opened => _opened.Task;

    /// <summary>Completes when the log is loaded; fails when it cannot be.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Which items go together, by those who like them.</summary>
    public ShardNeighbours Neighbours { get; } = new();

    /// <summary>Bytes of the log that are kept.</summary>
    public long LogBytes => _log is { } log ? log.EndPosition - log.FirstPosition : 0;

    /// <summary>The base snapshots.</summary>
    internal ShardSnapshots Snapshots { get; }

    /// <summary>Why the shard cannot write, or was not loaded; null while nothing is wrong.</summary>
    public string? Failure => _failure ?? _log?.Failure;

    /// <summary>Whether reads can be served.</summary>
    /// <exception cref="OrleansException">The log could not be loaded; callers treat that as a shard that does not answer.</exception>
    public bool CanRead
    {
        get
        {
            ThrowIfFailed();
            return Ready.IsCompletedSuccessfully;
        }
    }

    /// <summary>The newest view, held for the caller, and kept for the second round together with the few before it.</summary>
    public PartitionView Acquire()
    {
        var view = _partition.Acquire();
        _held.Keep(view);
        return view;
    }

    /// <summary>The newest view, held for the caller; no second round will ask for it.</summary>
    public PartitionView AcquireOnce() => _partition.Acquire();

    /// <summary>A view that <see cref="Acquire"/> gave earlier, held for the caller; null when it is no longer kept.</summary>
    public PartitionView? AcquireKept(long epoch) => _held.Find(epoch);

    /// <summary>Writes items in order.</summary>
    public async Task<WriteResult[]> WriteAsync(IReadOnlyList<ItemWrite> writes, CancellationToken cancellationToken)
    {
        var job = new ShardJob { Writes = writes };
        await _queue.Writer.WriteAsync(job, cancellationToken);
        return await job.Done.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Position up to which the shard has counted a partition of the event log.</summary>
    /// <exception cref="OrleansException">The log could not be loaded.</exception>
    public async Task<long> CountedToAsync(int partition, CancellationToken cancellationToken)
    {
        await Ready.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfFailed();
        return ShardCounters.At(_counters.CountedTo, partition);
    }

    /// <summary>Counts events that follow on those that are counted, and returns up to where their partition is counted then.</summary>
    public async Task<long> CountAsync(CounterDeltas deltas, CancellationToken cancellationToken)
    {
        var job = new ShardJob { Deltas = deltas };
        await _queue.Writer.WriteAsync(job, cancellationToken);
        await job.Done.Task.WaitAsync(cancellationToken);
        return await CountedToAsync(deltas.Partition, cancellationToken);
    }

    /// <summary>Finishes what is queued and closes the log.</summary>
    public async ValueTask DisposeAsync()
    {
        Snapshots.Stop();
        _queue.Writer.TryComplete();
        await _stop.CancelAsync();
        await _writer;
        await Snapshots.DisposeAsync();
        _held.Dispose();
        _partition.Dispose();
        if (_log is not null)
            await _log.DisposeAsync();
        _stop.Dispose();
    }

    // A shard that cannot write still serves what it has; one that was never loaded has nothing.
    private void ThrowIfFailed()
    {
        if (Ready.IsFaulted)
            throw new OrleansException($"shard {_shard} could not be loaded: {Failure}");
    }

    private async Task RunAsync()
    {
        try
        {
            _log = await _store.OpenAsync($"shard-{_shard:000}", _stop.Token);
            _opened.SetResult();
            var started = _time.GetTimestamp();
            var snapshot = await Snapshots.OpenAsync(_log, _stop.Token);
            var loader = new ShardLoader(_partition, _world, _models, _versions, _counters, Neighbours);
            var loaded = await loader.LoadAsync(_log, snapshot, _stop.Token);
            _logPosition = loaded.EndPosition;
            LogLoaded(_shard, snapshot?.Header.Items ?? 0, loaded.Replayed, loaded.EndPosition, _time.GetElapsedTime(started));
            _ready.SetResult();
        }
        catch (Exception e)
        {
            _failure = e.Message;
            if (!_stop.IsCancellationRequested)
                LogFailed(e, _shard);
            _opened.TrySetException(e);
            _ready.SetException(e);
            _ = (_opened.Task.Exception, _ready.Task.Exception);
        }
        var batch = new List<ShardJob>();
        while (await _queue.Reader.WaitToReadAsync())
        {
            batch.Clear();
            var count = 0;
            while (count < MaxBatch && _queue.Reader.TryRead(out var job))
            {
                batch.Add(job);
                count += job.Count;
            }
            await ApplyAsync(batch);
            WriteSnapshotIfDue();
        }
    }

    /// <summary>Starts to write a base snapshot if one is due. May be called by anyone.</summary>
    public void WriteSnapshotIfDue()
    {
        if (Ready.IsCompletedSuccessfully)
            Snapshots.WriteIfDue(_log!, _counters.CountedTo, CaptureAsync);
    }

    /// <summary>The shard at one moment, for a base snapshot.</summary>
    private async Task<SnapshotSource> CaptureAsync(CancellationToken cancellationToken)
    {
        SnapshotSource? source = null;
        var job = new ShardJob
        {
            Look = () => source = new SnapshotSource(_partition.Acquire(), _logPosition, _versions.Newest, _counters.CountedTo, Neighbours.ToBlocks()),
        };
        await _queue.Writer.WriteAsync(job, cancellationToken);
        // Not under the token: the view that the job takes is held until it is given back.
        await job.Done.Task;
        return source ?? throw new StorageException($"shard {_shard} cannot write now", isTransient: true);
    }

    private async Task ApplyAsync(List<ShardJob> batch)
    {
        // Counting touches no log: it goes on whatever happens to the writes.
        if (Ready.IsCompletedSuccessfully)
            CountAll(batch);
        try
        {
            if (_failure is not null)
                throw new StorageException($"shard {_shard} has failed: {_failure}", isTransient: false);
            var plan = new ShardBatch(_partition, _world, _time.GetUtcNow(), ReadDocumentAsync, _versions, _counters.CountedTo);
            foreach (var job in batch)
            {
                if (job.Writes is null)
                    continue;
                foreach (var write in job.Writes)
                {
                    if (plan.MustFlushBefore(write))
                    {
                        await FlushAsync(plan);
                        plan = plan.Next();
                    }
                    await PlanAsync(plan, write, job.Results);
                }
            }
            await FlushAsync(plan);
            foreach (var job in batch)
            {
                job.Look?.Invoke();
                job.Complete();
            }
            if (_refusing)
                LogRecovered(_shard);
            _refusing = false;
        }
        catch (Exception e)
        {
            // Nothing of this batch is acknowledged.
            if (e is StorageException { IsTransient: true })
            {
                // A full disk: the log is as it was before, and the next batch may find space again.
                if (!_refusing)
                    LogRefusing(e, _shard);
                _refusing = true;
            }
            else if (_failure is null)
            {
                LogFailed(e, _shard);
                _failure = e.Message;
            }
            foreach (var job in batch)
                job.Refuse();
        }
    }

    /// <summary>Plans a write. One that fails is refused alone: the fault lies in the write, or in the document that it changes, not in the shard.</summary>
    private async Task PlanAsync(ShardBatch plan, ItemWrite write, List<WriteOutcome> outcomes)
    {
        var before = outcomes.Count;
        try
        {
            await plan.AddAsync(write, outcomes);
        }
        catch (Exception e)
            when (e is StorageException or LogCorruptException or FormatException or InvalidOperationException or ArgumentException or IOException)
        {
            LogPlanFailed(e, _shard, write.ItemId);
            if (outcomes.Count == before)
                outcomes.Add(new WriteOutcome());
            outcomes[before].Value = WriteResult.Refused(WriteStatus.Unavailable, "$", "unavailable", "the write could not be processed; the log says why");
        }
    }

    private async Task FlushAsync(ShardBatch plan)
    {
        if (plan.IsEmpty)
            return;
        var appended = await _log!.AppendAsync(plan.Encode(_models));
        plan.Commit(appended.Positions);
        Publish(appended.EndPosition);
    }

    private void Publish(long logPosition, long? counterEpoch = null)
    {
        _partition.Publish(logPosition, counterEpoch);
        _logPosition = logPosition;
        _held.Trim();
    }

    private void CountAll(List<ShardJob> batch)
    {
        var counted = false;
        foreach (var job in batch)
        {
            if (job.Deltas is { } deltas)
                counted |= _counters.Count(deltas, _partition);
        }
        if (counted)
            Publish(_logPosition, _counters.Epoch);
    }

    [LoggerMessage(
        Level = LogLevel.Information,
        Message = "Shard {Shard} loaded {Items} items from its base snapshot and {Records} records from its log, up to position {EndPosition}, in {Time}")]
    private partial void LogLoaded(int shard, int items, int records, long endPosition, TimeSpan time);

    [LoggerMessage(Level = LogLevel.Error, Message = "Shard {Shard} could not process a write of item {ItemId}")]
    private partial void LogPlanFailed(Exception e, int shard, string itemId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Shard {Shard} cannot write now; its callers have to try again. Until a write succeeds, failures are not logged")]
    private partial void LogRefusing(Exception e, int shard);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Shard {Shard} writes again")]
    private partial void LogRecovered(int shard);

    [LoggerMessage(Level = LogLevel.Error, Message = "Shard {Shard} failed: it takes no more writes, and serves nothing if it was not loaded")]
    private partial void LogFailed(Exception e, int shard);
}
