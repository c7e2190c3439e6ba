using System.Collections.Concurrent;
using KgOrleans.Grains.Scoring;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Grains.Tests.Scoring;

[Trait("Suite", "Unit")]
public sealed class ScanPoolTests : IDisposable
{
    private const int Dimension = 16;
    private readonly Partition _partition = new(new PartitionSettings(0, Dimension, "space") { ChunkShift = 8 });

    public ScanPoolTests()
    {
        var random = new Random(1);
        for (var i = 0; i < 2_000; i++)
            _partition.Put(new ItemDocument { ItemId = $"i{i}", CreatorId = "c" }, i, Vector(random));
        _partition.Publish(1);
    }

    public void Dispose() => _partition.Dispose();

    [Fact]
    public async Task Requests_that_wait_for_one_partition_are_answered_together_as_they_are_alone()
    {
        using var pool = new ScanPool(threads: 1, queueLength: 1_000);
        using var gate = Block(pool);
        var (source, other) = (new Source(_partition), new Source(_partition));
        var random = new Random(2);
        var requests = Enumerable.Range(0, 100).Select(i => Request(Vector(random), i % 50)).ToArray();
        var answers = Array.ConvertAll(requests, r => pool.TryScan(1, source, r, default)!);
        var others = pool.TryScan(1, other, requests[1], default)!;
        Assert.Equal(0, source.Acquired);
        gate.Set();
        await Task.WhenAll([.. answers, others]);
        // 64 and 36 of the one, one of the other.
        Assert.Equal((3, 101, 2, 1), (pool.Batches, pool.Scans, source.Acquired, other.Acquired));
        using var view = _partition.Acquire();
        for (var i = 0; i < requests.Length; i++)
        {
            var (alone, together) = (PartitionRecall.Run(view, requests[i]), (await answers[i]).Result);
            Assert.Equal(alone.Candidates, together.Candidates);
            Assert.Equal(alone.Channels[0], together.Channels[0]);
        }
    }

    [Fact]
    public async Task A_caller_alone_is_served_at_once()
    {
        using var pool = new ScanPool(threads: 2, queueLength: 10);
        var source = new Source(_partition);
        for (var i = 1; i <= 5; i++)
        {
            await pool.TryScan(1, source, Request(Vector(new Random(i)), 5), default)!;
            Assert.Equal((i, i), (pool.Batches, pool.Scans));
        }
    }

    [Fact]
    public async Task A_batch_sees_what_was_published_while_it_waited()
    {
        using var pool = new ScanPool(threads: 1, queueLength: 10);
        using var gate = Block(pool);
        var answer = pool.TryScan(1, new Source(_partition), Request(Vector(new Random(1)), 5), default)!;
        _partition.Publish(77);
        gate.Set();
        Assert.Equal(77, (await answer).View.LogPosition);
    }

    [Fact]
    public async Task Callers_that_left_are_dropped_and_a_batch_of_none_scans_nothing()
    {
        using var pool = new ScanPool(threads: 1, queueLength: 10);
        using var gate = Block(pool);
        using var leaving = new CancellationTokenSource();
        var (source, empty) = (new Source(_partition), new Source(_partition));
        var request = Request(Vector(new Random(1)), 5);
        var left = pool.TryScan(1, source, request, leaving.Token)!;
        var stayed = pool.TryScan(1, source, request, default)!;
        var alone = pool.TryScan(1, empty, request, leaving.Token)!;
        await leaving.CancelAsync();
        // They hear of it before the pool comes to them.
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => alone);
        gate.Set();
        Assert.Equal(5, (await stayed).Result.Candidates.Length);
        await pool.TryRun(1, () => 1, default)!;
        Assert.Equal((1, 0), (source.Acquired, empty.Acquired));
    }

    [Fact]
    public async Task Beyond_the_queue_scans_and_jobs_are_refused_also_those_that_would_only_join()
    {
        using var pool = new ScanPool(threads: 1, queueLength: 3);
        using var gate = Block(pool);
        var source = new Source(_partition);
        var request = Request(Vector(new Random(1)), 5);
        var waiting = Enumerable.Range(0, 3).Select(_ => pool.TryScan(1, source, request, default)!).ToArray();
        Assert.Null(pool.TryScan(1, source, request, default));
        Assert.Null(pool.TryRun(1, () => 1, default));
        gate.Set();
        await Task.WhenAll(waiting);
        Assert.Equal(1, await pool.TryRun(1, () => 1, default)!);
    }

    [Fact]
    public async Task Jobs_go_before_passes_and_whoever_was_told_finds_the_thread_free()
    {
        using var pool = new ScanPool(threads: 1, queueLength: 10);
        using var gate = Block(pool);
        Assert.Equal(0, pool.Idle);
        var scan = pool.TryScan(1, new Source(_partition), Request(Vector(new Random(1)), 5), default)!;
        var passesBefore = pool.TryRun(1, () => pool.Batches, default)!;
        gate.Set();
        Assert.Equal(0, await passesBefore);
        await scan;
        for (var i = 0; i < 200; i++)
        {
            await pool.TryRun(1, () => 1, default)!;
            Assert.Equal(1, pool.Idle);
        }
    }

    [Fact]
    public async Task A_request_that_cannot_be_answered_fails_alone()
    {
        using var pool = new ScanPool(threads: 1, queueLength: 10);
        using var gate = Block(pool);
        var source = new Source(_partition);
        var (good, bad) = (Request(Vector(new Random(1)), 5), new RecallRequest { Now = 1, ScoreTime = 1, OldestPublishedAt = 0, World = 0, Quotas = null! });
        var (first, second, third) = (pool.TryScan(1, source, good, default)!, pool.TryScan(1, source, bad, default)!, pool.TryScan(1, source, good, default)!);
        gate.Set();
        Assert.Equal((await first).Result.Candidates, (await third).Result.Candidates);
        await Assert.ThrowsAsync<NullReferenceException>(() => second);
    }

    [Fact]
    public async Task A_partition_that_cannot_be_read_fails_its_callers_and_nobody_else()
    {
        using var pool = new ScanPool(threads: 1, queueLength: 10);
        var closed = new Partition(new PartitionSettings(0, Dimension, "space"));
        closed.Dispose();
        var request = Request(Vector(new Random(1)), 5);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => pool.TryScan(1, new Source(closed), request, default)!);
        Assert.Equal(5, (await pool.TryScan(1, new Source(_partition), request, default)!).Result.Candidates.Length);
        await Assert.ThrowsAsync<FormatException>(() => pool.TryRun<int>(1, () => throw new FormatException(), default)!);
    }

    [Fact]
    public async Task Closing_finishes_what_waits_and_takes_no_more()
    {
        var pool = new ScanPool(threads: 1, queueLength: 10);
        var gate = Block(pool);
        var answer = pool.TryScan(1, new Source(_partition), Request(Vector(new Random(1)), 5), default)!;
        var closing = Task.Run(pool.Dispose);
        while (pool.TryRun(1, () => 1, default) is not null)
            await Task.Yield();
        gate.Set();
        await closing;
        Assert.Equal(5, (await answer).Result.Candidates.Length);
        gate.Dispose();
    }

    [Fact]
    public async Task A_scene_that_comes_later_does_not_wait_behind_the_backlog_of_another()
    {
        using var pool = new ScanPool(1, 100);
        var order = new ConcurrentQueue<int>();
        var gate = Block(pool);
        var backlog = Enumerable.Range(0, 20).Select(i => pool.TryRun(1, () => Ran(1), default)!).ToArray();
        var other = pool.TryRun(2, () => Ran(2), default)!;
        gate.Set();
        await Task.WhenAll([.. backlog, other]);
        Assert.InRange(order.ToList().IndexOf(2), 0, 1);
        gate.Dispose();

        int Ran(int lane)
        {
            order.Enqueue(lane);
            return lane;
        }
    }

    [Fact]
    public async Task A_scene_of_long_jobs_leaves_one_thread_to_the_others()
    {
        using var pool = new ScanPool(2, 100);
        for (var i = 0; i < 10; i++)
            await pool.TryRun(1, () => { Thread.Sleep(60); return 0; }, default)!;
        // The other scene is in use.
        await pool.TryRun(2, () => 2, default)!;
        var gate = new ManualResetEventSlim();
        var running = 0;
        Task<int>[] longOnes = [.. Enumerable.Range(0, 4).Select(_ => pool.TryRun(1, Hold, default)!)];
        // Answered although the long ones hold their thread and more of them wait.
        for (var i = 0; i < 20; i++)
            Assert.Equal(2, await pool.TryRun(2, () => 2, default)!);
        Assert.Equal(1, Volatile.Read(ref running));
        gate.Set();
        await Task.WhenAll(longOnes);
        gate.Dispose();

        int Hold()
        {
            Interlocked.Increment(ref running);
            gate.Wait();
            return 1;
        }
    }

    [Fact]
    public async Task A_scene_of_long_jobs_takes_every_thread_while_it_is_alone()
    {
        using var pool = new ScanPool(2, 100);
        for (var i = 0; i < 10; i++)
            await pool.TryRun(1, () => { Thread.Sleep(60); return 0; }, default)!;
        using var both = new Barrier(2);
        // Each waits for the other: on one thread they would never end.
        Task<bool>[] jobs = [.. Enumerable.Range(0, 2).Select(_ => pool.TryRun(1, () => both.SignalAndWait(TimeSpan.FromSeconds(60)), default)!)];
        Assert.All(await Task.WhenAll(jobs), Assert.True);
    }

    [Fact]
    public async Task No_scene_fills_the_last_quarter_of_the_queue()
    {
        using var pool = new ScanPool(1, 8);
        var gate = Block(pool);
        var waiting = Enumerable.Range(0, 6).Select(_ => pool.TryRun(1, () => 1, default)!).ToList();
        Assert.Null(pool.TryRun(1, () => 1, default));
        waiting.AddRange(Enumerable.Range(0, 2).Select(_ => pool.TryRun(2, () => 2, default)!));
        Assert.Null(pool.TryRun(2, () => 2, default));
        gate.Set();
        int[] answers = await Task.WhenAll(waiting);
        Assert.Equal([1, 1, 1, 1, 1, 1, 2, 2], answers);
        gate.Dispose();
    }

    // Keeps the pool's only thread busy, so that what comes next waits.
    private static ManualResetEventSlim Block(ScanPool pool)
    {
        var gate = new ManualResetEventSlim();
        using var started = new ManualResetEventSlim();
        _ = pool.TryRun(1, () =>
        {
            started.Set();
            gate.Wait();
            return 0;
        }, default);
        started.Wait();
        return gate;
    }

    private static float[] Vector(Random random)
    {
        var vector = new float[Dimension];
        foreach (ref var x in vector.AsSpan())
            x = random.NextSingle() - 0.5f;
        return vector;
    }

    private static RecallRequest Request(float[] user, int quota) =>
        new() { Now = 1, ScoreTime = 1, OldestPublishedAt = 0, World = 0, UserVector = user, Quotas = [quota, 0, 0] };

    private sealed class Source(Partition partition) : IScanSource
    {
        public int Acquired { get; private set; }

        public PartitionView Acquire()
        {
            Acquired++;
            return partition.Acquire();
        }
    }
}
