using BenchmarkDotNet.Attributes;
using KgOrleans.Kernels.Diversity;
using KgOrleans.Kernels.Dot;

namespace KgOrleans.Benchmarks;

/// <summary>Selections of the sizes that a request makes.</summary>
[MemoryDiagnoser]
public class DiversityBenchmarks
{
    private const int Most = 3000;
    private const int D = 64;

    private readonly float[] _vectors = new float[Most * D];
    private readonly float[] _relevance = new float[Most];
    private readonly float[] _quality = new float[Most];
    private readonly int[] _picked = new int[Most];
    private readonly double[] _gains = new double[Most];
    private readonly GreedyDpp _dpp = new();
    private readonly MarginalRelevance _mmr = new();
    private readonly EmbeddingScatter _scatter = new();

    [GlobalSetup]
    public void Fill()
    {
        var random = new Random(1);
        foreach (ref var x in _vectors.AsSpan())
            x = random.NextSingle() - 0.5f;
        for (var i = 0; i < Most; i++)
        {
            VectorMath.Normalise(_vectors.AsSpan(i * D, D));
            _relevance[i] = random.NextSingle();
            _quality[i] = GreedyDpp.Quality(_relevance[i], 0.7f);
        }
    }

    [Benchmark(Baseline = true)]
    public void Marginal_relevance_1000_to_100_window_10() =>
        _mmr.Select(_vectors.AsSpan(0, 1000 * D), D, _relevance.AsSpan(0, 1000), 0.7f, 100, 10, _picked, _gains);

    [Benchmark]
    public void Scatter_1000_to_100_window_10() => _scatter.Select(_vectors.AsSpan(0, 1000 * D), D, _relevance.AsSpan(0, 1000), 0.5f, 100, 10, _picked, _gains);

    [Benchmark]
    public void Dpp_1000_to_50() => Dpp(1000, 50, 0);

    [Benchmark]
    public void Dpp_1000_to_100_window_10() => Dpp(1000, 100, 10);

    [Benchmark]
    public void Dpp_3000_to_256_window_32() => Dpp(3000, 256, 32);

    private void Dpp(int candidates, int picks, int window) =>
        _dpp.Select(_vectors.AsSpan(0, candidates * D), D, _quality.AsSpan(0, candidates), picks, window, _picked, _gains);
}
