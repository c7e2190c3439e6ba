using System.Collections.Concurrent;
using KgOrleans.Kernels.Dot;

namespace KgOrleans.Ranking.Factors;

/// <summary>
/// Implicit alternating least squares (Hu, Koren and Volinsky 2008) with the objective and the regularisation of "Revisiting the Performance of iALS"
/// (<see cref="FactorSettings"/>): every row is solved exactly, first all users for fixed items, then all items for fixed users.
/// </summary>
/// <remarks>
/// Before a side is solved, the fixed side is turned into the basis in which its Gram matrix is diagonal. Scores do not change, and a row with fewer positives
/// than dimensions costs n^2 d instead of d^3 (<see cref="NormalEquations.SolveFew"/>). Rows are independent, and sums over rows have a fixed order: the result
/// does not depend on the number of threads.
/// </remarks>
public sealed class FactorSolver
{
    // Rows that a thread takes at a time: popular items are long, so a large share would leave the other threads waiting.
    private const int Share = 64;

    private readonly SparseRows _users;
    private readonly SparseRows _items;
    private readonly FactorSettings _settings;
    private readonly int _threads;

    /// <summary>Prepares a fit with random item vectors.</summary>
    /// <param name="users">Positives: a row a user, a column an item.</param>
    /// <param name="settings">Hyper-parameters.</param>
    /// <param name="threads">Threads that solve; the result does not depend on them.</param>
    public FactorSolver(SparseRows users, FactorSettings settings, int threads)
    {
        settings.Check();
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        (_users, _items, _settings, _threads) = (users, users.Transpose(), settings, threads);
        UserFactors = new float[users.RowCount * settings.Dimension];
        ItemFactors = new float[users.ColumnCount * settings.Dimension];
        var random = new Random(settings.Seed);
        var deviation = settings.Deviation / Math.Sqrt(settings.Dimension);
        foreach (ref var component in ItemFactors.AsSpan())
            component = (float)(deviation * Normal(random));
    }

    /// <summary>User vectors, one after another. They belong to the basis of <see cref="ItemFactors"/>.</summary>
    public float[] UserFactors { get; }

    /// <summary>Item vectors, one after another.</summary>
    public float[] ItemFactors { get; }

    /// <summary>Fits a model from the start.</summary>
    /// <param name="users">Positives: a row a user, a column an item.</param>
    /// <param name="settings">Hyper-parameters.</param>
    /// <param name="threads">Threads that solve; the result does not depend on them.</param>
    /// <param name="progress">Called after every epoch.</param>
    /// <param name="cancellation">Ends the fit with <see cref="OperationCanceledException"/>.</param>
    public static FactorModel Fit(SparseRows users, FactorSettings settings, int threads, Action? progress, CancellationToken cancellation)
    {
        var solver = new FactorSolver(users, settings, threads);
        for (var epoch = 0; epoch < settings.Epochs; epoch++)
        {
            solver.SolveUsers(cancellation);
            solver.SolveItems(cancellation);
            progress?.Invoke();
        }
        return new FactorModel(settings, solver.ItemFactors, Gram.Of(solver.ItemFactors, settings.Dimension, threads));
    }

    /// <summary>Solves all users for the item vectors of now, which are turned into another basis.</summary>
    public void SolveUsers(CancellationToken cancellation) => Solve(_users, ItemFactors, UserFactors, cancellation);

    /// <summary>Solves all items for the user vectors of now, which are turned into another basis.</summary>
    public void SolveItems(CancellationToken cancellation) => Solve(_items, UserFactors, ItemFactors, cancellation);

    private void Solve(SparseRows rows, float[] others, float[] solved, CancellationToken cancellation)
    {
        var d = _settings.Dimension;
        var values = new double[d];
        var basis = new double[d * d];
        SymmetricEigen.Decompose(Gram.Of(others, d, _threads), values, basis);
        var turned = Array.ConvertAll(basis, v => (float)v);
        ForRows(others.Length / d, cancellation, (from, to) =>
        {
            Span<float> row = stackalloc float[d];
            for (var r = from; r < to; r++)
            {
                var vector = others.AsSpan(r * d, d);
                vector.CopyTo(row);
                DotProduct.Rows(row, turned, d, vector);
            }
        });
        var scaledGram = new double[d * d];
        for (var i = 0; i < d; i++)
        {
            values[i] = Math.Max(0, values[i]) * _settings.UnobservedWeight;
            scaledGram[(i * d) + i] = values[i];
        }
        ForRows(rows.RowCount, cancellation, (from, to) =>
        {
            for (var r = from; r < to; r++)
            {
                var positives = rows[r];
                var vector = solved.AsSpan(r * d, d);
                var regularisation = _settings.RegularisationOf(positives.Length, rows.ColumnCount);
                var picked = new PickedRows(others, positives, d);
                if (positives.Length == 0)
                    vector.Clear();
                else if (positives.Length < d)
                    NormalEquations.SolveFew(values, regularisation, positives.Length, picked, vector);
                else
                    NormalEquations.Solve(scaledGram, regularisation, positives.Length, picked, vector);
            }
        });
    }

    private void ForRows(int count, CancellationToken cancellation, Action<int, int> run)
    {
        cancellation.ThrowIfCancellationRequested();
        if (count > 0)
            Parallel.ForEach(
                Partitioner.Create(0, count, Share),
                new ParallelOptions { MaxDegreeOfParallelism = _threads, CancellationToken = cancellation },
                share => run(share.Item1, share.Item2));
    }

    // Box and Muller.
    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
