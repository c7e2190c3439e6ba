using System.Diagnostics;
using System.Globalization;
using System.Text;
using KgOrleans.Kernels.Dot;
using KgOrleans.Kernels.TopK;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Lab.Bench;

/// <summary>What <c>kg-lab bench partition</c> measures.</summary>
/// <param name="N">Items.</param>
/// <param name="Dimension">Components of an item vector.</param>
/// <param name="Content">Components of a content vector.</param>
/// <param name="K">Items that a request asks for.</param>
/// <param name="Only">Part of the names of the rows to measure; empty for all.</param>
internal sealed record PartitionPlan(int N, int Dimension, int Content, int K, string Only)
{
    /// <summary>Components of a vector of the recall head; 0 without one. Its vectors are the first components of the others.</summary>
    public int Head { get; init; }

    public PartitionSettings Settings => new(Content, Dimension, "bench") { RecallDimension = Head };

    /// <summary>What the model channel reads of all items.</summary>
    public long CodeBytes => (long)N * (ModelDimension + sizeof(float));

    /// <summary>Components of the vectors that the model channel scores.</summary>
    public int ModelDimension => Head > 0 ? Head : Dimension;

    /// <summary>The user's vector of the recall head.</summary>
    public float[] HeadOf(float[] user) => user[..Head];

    public PartitionSource Source(int seed, int most = int.MaxValue) => new(Math.Min(N, most), Dimension, Content, seed) { Head = Head };

    public bool Wants(string name) => name.Contains(Only, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The measurements of <c>kg-lab bench partition</c>.</summary>
internal sealed class PartitionBench(PartitionPlan plan)
{
    private const int Batch = 2048;
    private const int PrefetchAhead = 16;
    private const int Repeat = 15;
    private const int RecallUsers = 8;
    private const string AgainstFloat32 = "recall of 8 bits with re-score against float32";

    // What a loaded item takes, near enough for the floor of loading.
    private const long BytesOfItem = 296;

    private double _floor;

    /// <summary>Measures one after the other, as they are read.</summary>
    public IEnumerable<PartitionTiming> Run(CancellationToken cancellation)
    {
        foreach (var row in new PartitionRecalls(plan).Run())
            yield return row;
        if (plan.Only.StartsWith("recall,", StringComparison.Ordinal))
            yield break;
        // Compiled and warm before anything counts.
        using (var small = new Partition(plan.Settings))
            Load(small, plan.Source(9, most: 200_000));
        var source = plan.Source(1);
        var touched = FirstTouch();
        var before = Resident();
        using var partition = new Partition(plan.Settings);
        var cpu = Environment.CpuUsage.TotalTime;
        var load = Load(partition, source);
        cpu = Environment.CpuUsage.TotalTime - cpu;
        if (plan.Wants("load"))
            yield return PartitionTiming.Of("load", plan.N, plan.Dimension, 0, 1, 1, load, touched, (double)plan.N * BytesOfItem) with
            {
                ItemsPerS = Math.Round(plan.N / load * 1000),
                ItemsPerCpuS = Math.Round(plan.N / cpu.TotalSeconds),
            };
        cancellation.ThrowIfCancellationRequested();
        var memory = Memory(partition, source, before);
        if (plan.Wants("memory"))
            yield return memory;
        foreach (var row in new PartitionScans(plan, partition, Floor).Run(cancellation))
            yield return row;
        if (plan.Wants(AgainstFloat32))
            yield return Recall(partition, source);
        foreach (var row in Filters(partition))
            yield return row;
        if (plan.Wants("upsert"))
            yield return Upsert(partition, source);
    }

    /// <summary>Appends every row of a source and publishes; milliseconds.</summary>
    public static double Load(Partition partition, PartitionSource source)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < source.Count; i++)
        {
            if (i + PrefetchAhead < source.Count)
                partition.Prefetch(source.KeyOf(i + PrefetchAhead), source.CreatorKeyOf(i + PrefetchAhead), source.SongKeyOf(i + PrefetchAhead));
            partition.Append(source.Decoded(i));
        }
        partition.Publish(source.Count);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>A request of the model channel alone.</summary>
    private RecallRequest ModelRequest(float[] user, int k) => Request(user, [k, 0, 0], null);

    private RecallRequest Request(float[] user, int[] quotas, ItemFilter? filter) => new()
    {
        Now = PartitionSource.Now,
        ScoreTime = PartitionSource.Now,
        OldestPublishedAt = 0,
        World = 0,
        UserVector = user,
        RecallVector = user.Length > 0 ? plan.HeadOf(user) : [],
        Filter = filter,
        Quotas = quotas,
    };

    private PartitionTiming Row(string name, int threads, double ms, int k = 0) =>
        PartitionTiming.Of(name, plan.N, plan.Dimension, k, 1, threads, ms, _floor, plan.CodeBytes);

    // The floor of loading: the system handing out as much memory, zeroed. A virtual machine may have to get it from its host first, which takes longer than
    // everything else; after this it has it.
    private double FirstTouch()
    {
        Floor();
        var start = Stopwatch.GetTimestamp();
        for (var round = 0; round < 2; round++)
        {
            start = Stopwatch.GetTimestamp();
            using var memory = new KernelMemory(plan.N * BytesOfItem);
        }
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private double Floor()
    {
        using var memory = new KernelMemory(plan.CodeBytes);
        return _floor = BenchClock.Median(7, () => KernelMemory.Pass(memory.At(0), plan.CodeBytes));
    }

    // Every item has counters: a play each, at times of its own, so that the hot channel has an order.
    private PartitionTiming Memory(Partition partition, PartitionSource source, long before)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < source.Count; i++)
            partition.Count(source.KeyOf(i), EventType.Play, 1, PartitionSource.Now - (long)(source.KeyOf(i) % (30 * 86_400_000UL)));
        partition.Publish(source.Count);
        var ms = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        var resident = Resident() - before;
        return Row("memory, an event counted of every item", 1, ms) with
        {
            BytesPerItem = Math.Round((double)resident / plan.N, 1),
            NativeBytesPerItem = Math.Round((double)partition.AllocatedBytes / plan.N, 1),
        };
    }

    private PartitionTiming Upsert(Partition partition, PartitionSource source)
    {
        Floor();
        var count = Math.Min(400_000, plan.N / 2);
        var random = new Random(3);
        var documents = new ItemDocument[count];
        var vector = source.VectorOf(5).ToArray();
        for (var i = 0; i < count; i++)
            documents[i] = source.Document(random.Next(plan.N));
        var cpu = Environment.CpuUsage.TotalTime;
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            partition.Put(documents[i], i, vector, recall: vector.AsSpan(0, plan.Head));
            if (i % Batch == Batch - 1)
                partition.Publish(i);
        }
        partition.Publish(count);
        var ms = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        cpu = Environment.CpuUsage.TotalTime - cpu;
        return Row(string.Create(CultureInfo.InvariantCulture, $"upsert, {count} documents in batches of {Batch}"), 1, ms) with
        {
            ItemsPerS = Math.Round(count / ms * 1000),
            ItemsPerCpuS = Math.Round(count / cpu.TotalSeconds),
        };
    }

    private PartitionTiming Recall(Partition partition, PartitionSource source)
    {
        using var view = partition.Acquire();
        var random = new Random(4);
        var users = Enumerable.Range(0, RecallUsers).Select(_ => source.User(random)).ToArray();
        var streams = users.Select(_ => new TopKStream(plan.K)).ToArray();
        for (var i = 0; i < source.Count; i++)
        {
            // The source hides every hundredth row.
            if (i % 100 == 99)
                continue;
            var vector = source.VectorOf(i)[..plan.ModelDimension];
            for (var u = 0; u < users.Length; u++)
                streams[u].Offer(DotProduct.Single(users[u].AsSpan(0, vector.Length), vector), i, source.KeyOf(i));
        }
        var hits = 0;
        var rows = new int[plan.K];
        var ms = 0d;
        for (var u = 0; u < users.Length; u++)
        {
            var exact = rows.AsSpan(0, streams[u].Complete(rows)).ToArray().Select(source.KeyOf).ToHashSet();
            var start = Stopwatch.GetTimestamp();
            var found = PartitionRecall.Run(view, ModelRequest(users[u], plan.K));
            ms += Stopwatch.GetElapsedTime(start).TotalMilliseconds / users.Length;
            hits += found.Candidates.Count(c => exact.Contains(c.Key));
        }
        return Row(AgainstFloat32, 1, ms, plan.K) with { Recall = Math.Round(hits / ((double)plan.K * RecallUsers), 5) };
    }

    private IEnumerable<PartitionTiming> Filters(Partition partition)
    {
        using var view = partition.Acquire();
        using var scan = new RecallScan();
        var result = new RecallResult?[1];
        foreach (var (name, json) in ((string, string)[])[
            ("filter to bitmap, numbers", """{"all":[{"field":"quality","gte":0.5},{"field":"durationSeconds","lt":100}]}"""),
            ("filter to bitmap, tags",
                $$"""{"any":[{"field":"tags","in":["{{PartitionSource.TagOf(0)}}","{{PartitionSource.TagOf(40)}}"]},{"field":"songId","eq":"s1-7"}]}"""),
            ("filter to bitmap, six clauses", """
                {"all":[{"field":"kind","in":["video","live"]},{"not":{"field":"region","eq":"region7"}},
                 {"any":[{"field":"language","eq":"lang1"},{"field":"quality","gte":0.9}]},{"field":"publishedAt","gte":"2025-12-01T00:00:00Z"}]}
                """)])
        {
            if (!plan.Wants(name))
                continue;
            Floor();
            var request = Request([], [0, 0, 0], ItemFilter.Parse(Encoding.UTF8.GetBytes(json)));
            var ms = BenchClock.Median(Repeat, () => scan.Run(view, [request], result));
            yield return Row(name, 1, ms) with { Selected = Math.Round((double)result[0]!.Counts.Eligible / result[0]!.Counts.Live, 4) };
        }
    }

    private static long Resident()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
