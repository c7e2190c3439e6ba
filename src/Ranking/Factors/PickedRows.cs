namespace KgOrleans.Ranking.Factors;

/// <summary>Vectors picked from a matrix.</summary>
internal readonly ref struct PickedRows(ReadOnlySpan<float> factors, ReadOnlySpan<int> rows, int dimension) : IFactorRows
{
    private readonly ReadOnlySpan<float> _factors = factors;
    private readonly ReadOnlySpan<int> _rows = rows;

    public ReadOnlySpan<float> this[int place] => _factors.Slice(_rows[place] * dimension, dimension);
}
