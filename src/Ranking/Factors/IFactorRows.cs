namespace KgOrleans.Ranking.Factors;

/// <summary>The vectors of a row's positives, by their place.</summary>
internal interface IFactorRows
{
    ReadOnlySpan<float> this[int place] { get; }
}

/// <summary>Vectors picked from a matrix.</summary>
internal readonly ref struct PickedRows(ReadOnlySpan<float> factors, ReadOnlySpan<int> rows, int dimension) : IFactorRows
{
    private readonly ReadOnlySpan<float> _factors = factors;
    private readonly ReadOnlySpan<int> _rows = rows;

    public ReadOnlySpan<float> this[int place] => _factors.Slice(_rows[place] * dimension, dimension);
}

/// <summary>Vectors one after another.</summary>
internal readonly ref struct ContiguousRows(ReadOnlySpan<float> factors, int dimension) : IFactorRows
{
    private readonly ReadOnlySpan<float> _factors = factors;

    public ReadOnlySpan<float> this[int place] => _factors.Slice(place * dimension, dimension);
}
