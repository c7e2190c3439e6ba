using System.Diagnostics;
using KgOrleans.Grains.Scoring;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Lab.Bench;

/// <summary>The scans of <c>kg-lab bench partition</c>: one caller, many callers, two threads.</summary>
internal sealed class PartitionScans(PartitionPlan plan, Partition partition, Func<double> floor)
{
    private const int Callers = 32;
    private const int Repeat = 15;
    private const double LoopMs = 3000;

    // What a feed asks of the three channels.
    private static readonly int[] FeedQuotas = [1000, 500, 500];

    public IEnumerable<PartitionTiming> Run(CancellationToken cancellation)
    {
        foreach (var (name, quotas) in ((string, int[])[])[("scan, model channel", [plan.K, 0, 0]), ("scan, all channels", FeedQuotas)])
        {
            if (!plan.Wants(name))
                continue;
            cancellation.ThrowIfCancellationRequested();
            yield return Lone(name, quotas);
            var reference = Loop(quotas, 1, out _);
            var ms = Loop(quotas, Callers, out var batch);
            yield return PartitionTiming.Of($"{name}, {Callers} callers", plan.N, plan.Dimension, quotas[0], Callers, 1, ms, floor(), plan.CodeBytes) with
            {
                Speedup = Math.Round(reference / ms, 2),
                Batch = Math.Round(batch, 1),
            };
        }
        if (plan.Wants("two threads"))
        {
            foreach (var row in TwoThreads())
                yield return row;
        }
    }

    private RecallRequest Request(Random random, int[] quotas)
    {
        var user = new float[plan.Dimension];
        foreach (ref var x in user.AsSpan())
            x = random.NextSingle() - 0.5f;
        return new RecallRequest
        {
            Now = PartitionSource.Now,
            ScoreTime = PartitionSource.Now,
            OldestPublishedAt = 0,
            World = 0,
            UserVector = user,
            RecallVector = plan.HeadOf(user),
            Interests =
            [
                [],
                [.. Enumerable.Range(0, 8)
                    .Select(i => new RecallInterest(Key64.Of(PartitionSource.TagOf(50 + random.Next(1000))), 1f / (i + 1), InterestField.Tag))],
            ],
            Quotas = quotas,
        };
    }

    private PartitionTiming Lone(string name, int[] quotas)
    {
        var floorMs = floor();
        using var view = partition.Acquire();
        using var scan = new RecallScan();
        var random = new Random(1);
        var result = new RecallResult?[1];
        var ms = BenchClock.Median(Repeat, () => scan.Run(view, [Request(random, quotas)], result));
        return PartitionTiming.Of(name, plan.N, plan.Dimension, quotas[0], 1, 1, ms, floorMs, plan.CodeBytes);
    }

    // A closed loop through a pool of one thread, so that the throughput is that of one core.
    private double Loop(int[] quotas, int callers, out double batch)
    {
        using var pool = new ScanPool(threads: 1, queueLength: 1024);
        var source = new Source(partition);
        for (var warm = 0; warm < 3; warm++)
            Round(pool, source, quotas, callers, 200);
        var (batches, scans) = (pool.Batches, pool.Scans);
        var start = Stopwatch.GetTimestamp();
        var answered = Round(pool, source, quotas, callers, LoopMs);
        var ms = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        batch = (double)(pool.Scans - scans) / (pool.Batches - batches);
        return ms / answered;
    }

    private int Round(ScanPool pool, Source source, int[] quotas, int callers, double forMs)
    {
        var start = Stopwatch.GetTimestamp();
        return Task.WhenAll(Enumerable.Range(0, callers).Select(async caller =>
        {
            var random = new Random(caller);
            var answers = 0;
            while (Stopwatch.GetElapsedTime(start).TotalMilliseconds < forMs)
            {
                await pool.TryScan(1, source, Request(random, quotas), CancellationToken.None)!;
                answers++;
            }
            return answers;
        })).GetAwaiter().GetResult().Sum();
    }

    private IEnumerable<PartitionTiming> TwoThreads()
    {
        var half = plan with { N = plan.N / 2 };
        var partitions = new Partition[2];
        var sources = new PartitionSource[2];
        for (var i = 0; i < partitions.Length; i++)
        {
            partitions[i] = new Partition(half.Settings);
            sources[i] = half.Source(i + 2);
        }
        var floorMs = floor() / 2;
        var start = Stopwatch.GetTimestamp();
        var second = new Thread(() => PartitionBench.Load(partitions[1], sources[1]));
        second.Start();
        PartitionBench.Load(partitions[0], sources[0]);
        second.Join();
        var load = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        yield return PartitionTiming.Of(
            "load, two threads, a partition each", half.N, plan.Dimension, 0, 1, 2, load, floorMs, 2 * half.CodeBytes) with
        {
            ItemsPerS = Math.Round(
                2 * half.N / load * 1000)
        };
        var one = BenchClock.Median(Repeat, () => Scan(partitions, 1));
        var two = BenchClock.Median(Repeat, () => Scan(partitions, 2));
        foreach (var part in partitions)
            part.Dispose();
        yield return PartitionTiming.Of(
            "scan, two threads, a partition each", half.N, plan.Dimension, plan.K, 2, 2, two, floorMs, 2 * half.CodeBytes) with
        {
            Speedup = Math.Round(
                2 * one / two, 2)
        };
    }

    // Several scans a thread: starting one costs a tenth of a millisecond.
    private void Scan(Partition[] partitions, int threads)
    {
        const int Scans = 4;
        var workers = Enumerable.Range(1, threads - 1).Select(i => new Thread(() => Work(partitions[i]))).ToArray();
        foreach (var worker in workers)
            worker.Start();
        Work(partitions[0]);
        foreach (var worker in workers)
            worker.Join();

        void Work(Partition part)
        {
            using var view = part.Acquire();
            var random = new Random(1);
            for (var i = 0; i < Scans; i++)
                PartitionRecall.Run(view, Request(random, [plan.K, 0, 0]));
        }
    }

    private sealed class Source(Partition partition) : IScanSource
    {
        public PartitionView Acquire() => partition.Acquire();
    }
}
