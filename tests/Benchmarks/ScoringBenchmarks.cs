using System.Runtime.InteropServices;
using BenchmarkDotNet.Attributes;
using KgOrleans.Kernels.Dot;
using KgOrleans.Kernels.Scan;
using KgOrleans.Kernels.TopK;

namespace KgOrleans.Benchmarks;

/// <summary>Scans, gathers and selection over rows that fit the third-level cache; <c>kg bench kernels</c> measures what memory adds.</summary>
[MemoryDiagnoser]
public unsafe class ScoringBenchmarks
{
    private const int Count = 65_536;
    private const int D = 64;
    private const int K = 1000;
    private const int Many = 64;
    private const int Gathered = 10_000;

    private readonly float[] _vectors = GC.AllocateArray<float>(Count * D, pinned: true);
    private readonly sbyte[] _codes = GC.AllocateArray<sbyte>(Count * D, pinned: true);
    private readonly sbyte[] _residuals = GC.AllocateArray<sbyte>(Count * D, pinned: true);
    private readonly float[] _scales = GC.AllocateArray<float>(Count, pinned: true);
    private readonly ulong[] _keys = GC.AllocateArray<ulong>(Count, pinned: true);
    private readonly float[] _users = new float[Many * D];
    private readonly byte[] _memory = new byte[QuantisedUsers.BytesFor(Many, D)];
    private readonly float[] _scores = new float[Count];
    private readonly int[] _rows = new int[Gathered];
    private readonly int[] _picked = new int[K];
    private readonly TopKStream[] _best = new TopKStream[Many];

    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(1);
        foreach (ref var x in _vectors.AsSpan())
            x = random.NextSingle() - 0.5f;
        foreach (ref var x in _users.AsSpan())
            x = random.NextSingle() - 0.5f;
        for (var r = 0; r < Count; r++)
        {
            _scales[r] = Int8Rows.Quantise(_vectors.AsSpan(r * D, D), _codes.AsSpan(r * D, D), _residuals.AsSpan(r * D, D));
            _keys[r] = (ulong)random.NextInt64();
        }
        foreach (ref var row in _rows.AsSpan())
            row = random.Next(Count);
        for (var u = 0; u < Many; u++)
            _best[u] = new TopKStream(K);
        DotProduct.Rows(_users.AsSpan(0, D), _vectors, D, _scores);
    }

    [Benchmark(Baseline = true)]
    public void Scalar_sums_of_products()
    {
        for (var r = 0; r < Count; r++)
        {
            var sum = 0f;
            for (var i = 0; i < D; i++)
                sum += _users[i] * _vectors[(r * D) + i];
            _scores[r] = sum;
        }
    }

    [Benchmark]
    public void Float32_rows() => DotProduct.Rows(_users.AsSpan(0, D), _vectors, D, _scores);

    [Benchmark]
    public void Int8_scan_for_1_user() => Int8(1);

    [Benchmark]
    public void Int8_scan_for_64_users() => Int8(Many);

    [Benchmark]
    public void Int8_gather() => Int8Dot.Gather(QuantisedUsers.Pack(_users.AsSpan(0, D), D, _memory), 0, Table([At(_codes)], [At(_scales)], [At(_residuals)]), _rows, _scores);

    [Benchmark]
    public void Int8_re_score() => Int8Rescore.Gather(_users.AsSpan(0, D), Table([At(_codes)], [At(_scales)], [At(_residuals)]), _rows, _scores);

    [Benchmark]
    public void Top_k() => TopKSelection.Select(_scores, _keys, K, _picked);

    [Benchmark]
    public void Quantise_a_row_with_residuals() => Int8Rows.Quantise(_vectors.AsSpan(0, D), _codes.AsSpan(0, D), _residuals.AsSpan(0, D));

    private static Int8Table Table(ReadOnlySpan<nint> codes, ReadOnlySpan<nint> scales, ReadOnlySpan<nint> residuals) => new(codes, scales, residuals, 16, Count);

    private static nint At<T>(T[] pinned)
        where T : unmanaged => (nint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(pinned));

    private void Int8(int users)
    {
        foreach (var stream in _best.AsSpan(0, users))
            stream.Reset(K);
        Int8Scan.Offer(QuantisedUsers.Pack(_users.AsSpan(0, users * D), D, _memory), new Int8Block(At(_codes), At(_scales), At(_keys), 0, Count), [], _best.AsSpan(0, users));
        foreach (var stream in _best.AsSpan(0, users))
            stream.Complete(_picked);
    }
}
