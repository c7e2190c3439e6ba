namespace KgOrleans.Ranking.Factors;

/// <summary>Vectors one after another.</summary>
internal readonly ref struct ContiguousRows(ReadOnlySpan<float> factors, int dimension) : IFactorRows
{
    private readonly ReadOnlySpan<float> _factors = factors;

    public ReadOnlySpan<float> this[int place] => _factors.Slice(place * dimension, dimension);
}
