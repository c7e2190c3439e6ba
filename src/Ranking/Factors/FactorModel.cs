namespace KgOrleans.Ranking.Factors;

/// <summary>
/// Fitted item vectors with what a user's vector is solved from. The score of an item is its vector's dot product with the user's. Immutable and thread-safe.
/// </summary>
public sealed class FactorModel
{
    private readonly double[] _scaledGram;

    /// <summary>A model of item vectors; computes their Gram matrix.</summary>
    /// <param name="settings">What they were fitted with.</param>
    /// <param name="items">Items x dimension components. The model keeps the array.</param>
    /// <exception cref="ArgumentException">The components do not fit the dimension.</exception>
    public FactorModel(FactorSettings settings, float[] items)
        : this(settings, items, Factors.Gram.Of(items, settings.Dimension, threads: 1))
    {
    }

    /// <summary>A model with a Gram matrix that was stored with it.</summary>
    /// <param name="settings">What the vectors were fitted with.</param>
    /// <param name="items">Items x dimension components.</param>
    /// <param name="gram">Dimension x dimension: the sum over all items of v v^T.</param>
    /// <exception cref="ArgumentException">The components do not fit the dimension.</exception>
    public FactorModel(FactorSettings settings, float[] items, double[] gram)
    {
        settings.Check();
        if (items.Length % settings.Dimension != 0 || gram.Length != settings.Dimension * settings.Dimension)
            throw new ArgumentException($"{items.Length} and {gram.Length} components do not fit a dimension of {settings.Dimension}", nameof(items));
        (Settings, Items, Gram) = (settings, items, gram);
        _scaledGram = Array.ConvertAll(gram, g => settings.UnobservedWeight * g);
    }

    /// <summary>What the vectors were fitted with.</summary>
    public FactorSettings Settings { get; }

    /// <summary>Components of a vector.</summary>
    public int Dimension => Settings.Dimension;

    /// <summary>Number of items.</summary>
    public int ItemCount => Items.Length / Dimension;

    /// <summary>Item vectors, one after another.</summary>
    public float[] Items { get; }

    /// <summary>Gram matrix of the item vectors, dimension x dimension.</summary>
    public double[] Gram { get; }

    /// <summary>Vector of an item.</summary>
    public ReadOnlySpan<float> Of(int item) => Items.AsSpan(item * Dimension, Dimension);

    /// <summary>The exact vector of a user who likes these items: the row that the fit would have solved. Zeros without items.</summary>
    /// <param name="items">Items, each once.</param>
    public float[] FoldIn(ReadOnlySpan<int> items)
    {
        var vector = new float[Dimension];
        if (items.Length > 0)
            NormalEquations.Solve(
                _scaledGram, Settings.RegularisationOf(items.Length, ItemCount), items.Length, new PickedRows(Items, items, Dimension), vector);
        return vector;
    }

    /// <summary><see cref="FoldIn"/> for items that need not belong to the model.</summary>
    /// <param name="rows">Their vectors, one after another.</param>
    /// <param name="vector">Receives the user's vector.</param>
    public void FoldInRows(ReadOnlySpan<float> rows, Span<float> vector)
    {
        var count = rows.Length / Dimension;
        if (rows.Length % Dimension != 0 || vector.Length != Dimension)
            throw new ArgumentException($"{rows.Length} and {vector.Length} components do not fit a dimension of {Dimension}", nameof(rows));
        vector.Clear();
        if (count > 0)
            NormalEquations.Solve(_scaledGram, Settings.RegularisationOf(count, ItemCount), count, new ContiguousRows(rows, Dimension), vector);
    }
}
