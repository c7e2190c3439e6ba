using KgOrleans.Kernels.Diversity;
using KgOrleans.Kernels.Dot;
using KgOrleans.Kernels.TopK;

namespace KgOrleans.Lab.Bench;

/// <summary>The measurements of <c>kg-lab bench kernels</c>. All on one thread unless a row says otherwise.</summary>
/// <param name="rows">Rows that are scanned.</param>
/// <param name="dimension">Components of a row.</param>
/// <param name="k">How many a scan keeps.</param>
/// <param name="repeat">Timed runs of each; the median counts.</param>
/// <param name="only">Part of the names of the rows to measure; empty for all.</param>
internal sealed class KernelBench(int rows, int dimension, int k, int repeat, string only)
{
    private const int ManyUsers = 64;
    private const int Gathered = 100_000;
    private const float Theta = 0.7f;

    /// <summary>Measures one after the other, as they are read.</summary>
    public IEnumerable<KernelTiming> Run(CancellationToken cancellation)
    {
        foreach (var measure in Measurements())
        {
            cancellation.ThrowIfCancellationRequested();
            foreach (var timing in measure())
                yield return timing;
        }
    }

    private IEnumerable<Func<IEnumerable<KernelTiming>>> Measurements()
    {
        if (Wanted("8-bit scan"))
            yield return Scans;
        if (Wanted("8-bit gather"))
            yield return Gathers;
        if (Wanted("top-k"))
            yield return Selections;
        if (Wanted("greedy dpp"))
            yield return Diversity;
        if (Wanted("8-bit scan, threads"))
            yield return Threads;
    }

    private bool Wanted(string name) => name.Contains(only, StringComparison.OrdinalIgnoreCase) || only.StartsWith(name, StringComparison.OrdinalIgnoreCase);

    private IEnumerable<KernelTiming> Scans()
    {
        using var data = new KernelRows(rows, dimension, 1, keepVectors: true);
        var all = Users(ManyUsers);
        var found = new int[k];
        foreach (var count in (int[])[1, 2, 8, ManyUsers])
        {
            var users = all[..(count * dimension)];
            var best = Streams(count);
            var memory = new byte[QuantisedUsers.BytesFor(count, dimension)];
            var timing = KernelTiming.Measure(
                "8-bit scan", rows, dimension, k, count, 1, data.CodeBytes, repeat, data.PassCodes, () => data.ScanCodes(users, memory, best, found));
            yield return count == ManyUsers ? timing with { Recall = Recall(data, all) } : timing;
        }
    }

    // Against the exact float32 best, over a few users; re-scored from twice k.
    private double Recall(KernelRows data, float[] users)
    {
        const int Sampled = 8;
        var exact = new int[k];
        var found = new int[2 * k];
        var hits = 0;
        for (var u = 0; u < Sampled; u++)
        {
            var user = users.AsSpan(u * dimension, dimension);
            data.ExactBest(user, k, exact);
            var count = data.BestOfReScored(user, k, found);
            hits += exact.Intersect(found[..count]).Count();
        }
        return Math.Round(hits / ((double)Sampled * k), 5);
    }

    private IEnumerable<KernelTiming> Gathers()
    {
        using var data = new KernelRows(2 * rows, dimension, 2, keepVectors: false);
        var users = Users(1);
        var memory = new byte[QuantisedUsers.BytesFor(1, dimension)];
        var random = new Random(1);
        var order = new int[Gathered];
        foreach (ref var row in order.AsSpan())
            row = random.Next(data.Count);
        var scores = new float[Gathered];
        var bytes = (long)Gathered * (dimension + sizeof(float));
        using var plain = new KernelMemory(bytes);
        foreach (var sorted in (bool[])[false, true])
        {
            if (sorted)
                Array.Sort(order);
            yield return KernelTiming.Measure(
                sorted ? "8-bit gather, ascending" : "8-bit gather", Gathered, dimension, 0, 1, 1, bytes, Math.Max(repeat, 15),
                () => KernelMemory.Pass(plain.At(0), bytes),
                () => Int8Dot.Gather(QuantisedUsers.Pack(users, dimension, memory), 0, data.Table, order, scores));
        }
        yield return KernelTiming.Measure(
            "8-bit re-score of 2k", 2 * k, dimension, 0, 1, 1, 2L * k * ((2 * dimension) + sizeof(float)), Math.Max(repeat, 15),
            () => KernelMemory.Pass(plain.At(0), Math.Min(bytes, 2L * k * ((2 * dimension) + sizeof(float)))),
            () => Int8Rescore.Gather(users, data.Table, order.AsSpan(0, Math.Min(2 * k, Gathered)), scores));
    }

    private IEnumerable<KernelTiming> Selections()
    {
        using var memory = new KernelMemory((long)rows * sizeof(float));
        memory.FillUniform(3);
        var keys = new ulong[rows];
        for (var i = 0; i < rows; i++)
            keys[i] = (ulong)(i + 1) * 0x9E3779B97F4A7C15;
        var picked = new int[k];
        yield return KernelTiming.Measure(
            "top-k", rows, 0, k, 1, 1, memory.Bytes, Math.Max(repeat, 15), () => KernelMemory.Pass(memory.At(0), memory.Bytes),
            () => TopKSelection.Select(memory.Span<float>(0, rows), keys, k, picked));
    }

    private IEnumerable<KernelTiming> Diversity()
    {
        foreach (var (candidates, picks, window) in ((int, int, int)[])[(1000, 50, 0), (1000, 100, 10), (3000, 256, 32)])
        {
            using var memory = new KernelMemory((long)candidates * dimension * sizeof(float));
            memory.FillUniform(4);
            var vectors = memory.Span<float>(0, candidates * dimension).ToArray();
            for (var i = 0; i < candidates; i++)
                VectorMath.Normalise(vectors.AsSpan(i * dimension, dimension));
            var random = new Random(5);
            var quality = new float[candidates];
            foreach (ref var q in quality.AsSpan())
                q = GreedyDpp.Quality(random.NextSingle(), Theta);
            var (dpp, picked, gains) = (new GreedyDpp(), new int[picks], new double[picks]);
            yield return KernelTiming.Measure(
                window == 0 ? "greedy dpp" : $"greedy dpp, window {window}", candidates, dimension, picks, 1, 1, memory.Bytes, Math.Max(repeat, 31),
                () => KernelMemory.Pass(memory.At(0), memory.Bytes), () => dpp.Select(vectors, dimension, quality, picks, window, picked, gains));
        }
    }

    // As many passes as threads, each over rows of its own: twice the work in the time of one when nothing is shared but memory.
    private IEnumerable<KernelTiming> Threads()
    {
        var data = Enumerable.Range(0, 2).Select(i => new KernelRows(rows / 2, dimension, (ulong)i + 6, keepVectors: false)).ToArray();
        try
        {
            foreach (var queries in (int[])[1, ManyUsers])
            {
                var users = Users(queries);
                foreach (var threads in (int[])[1, 2])
                {
                    var best = data.Select(_ => Streams(queries)).ToArray();
                    var memory = data.Select(_ => new byte[QuantisedUsers.BytesFor(queries, dimension)]).ToArray();
                    var found = data.Select(_ => new int[k]).ToArray();
                    yield return KernelTiming.Measure(
                        "8-bit scan, threads", rows / 2, dimension, k, queries, threads, threads * data[0].CodeBytes, repeat,
                        () => Each(threads, i => data[i].PassCodes()),
                        () => Each(threads, i => data[i].ScanCodes(users, memory[i], best[i], found[i])));
                }
            }
        }
        finally
        {
            foreach (var part in data)
                part.Dispose();
        }
    }

    private static void Each(int threads, Action<int> work)
    {
        var second = threads > 1 ? new Thread(() => work(1)) : null;
        second?.Start();
        work(0);
        second?.Join();
    }

    private TopKStream[] Streams(int count) => [.. Enumerable.Range(0, count).Select(_ => new TopKStream(k))];

    private float[] Users(int count)
    {
        using var memory = new KernelMemory((long)count * dimension * sizeof(float));
        memory.FillUniform(99);
        return memory.Span<float>(0, count * dimension).ToArray();
    }
}
