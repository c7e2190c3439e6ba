using CsCheck;
using KgOrleans.Ranking.Factors;

namespace KgOrleans.Ranking.Tests.Factors;

[Trait("Suite", "Unit")]
public sealed class FactorSolverTests
{
    [Fact]
    public void Every_row_is_the_minimum_of_its_objective_whether_it_has_fewer_or_more_positives_than_dimensions()
    {
        Gen.Select(Gen.Int[1, 24], Gen.Int[2, 30], Gen.Int[2, 60], Gen.Int[0, int.MaxValue - 1]).Sample(
            (dimension, users, items, seed) =>
            {
                var settings = new FactorSettings
                {
                    Dimension = dimension,
                    UnobservedWeight = 0.02 + (seed % 7 * 0.1),
                    Regularisation = 0.002 + (seed % 5 * 0.05),
                    Exponent = seed % 3 / 2.0,
                    Deviation = 1,
                    Seed = seed,
                };
                var lists = Random(users, items, seed);
                var solver = new FactorSolver(SparseRows.Of(lists, items), settings, threads: 2);
                solver.SolveUsers(default);
                AssertRows(lists, users, solver.ItemFactors, solver.UserFactors, settings);
                solver.SolveItems(default);
                var byItem = Enumerable.Range(0, items).Select(i => Enumerable.Range(0, users).Where(u => lists[u].Contains(i)).ToArray()).ToArray();
                AssertRows(byItem, items, solver.UserFactors, solver.ItemFactors, settings);
            }, iter: 60);
    }

    [Fact]
    public void A_user_folded_in_has_the_row_that_the_solver_gives_them()
    {
        var lists = Random(users: 40, items: 90, seed: 5);
        var settings = new FactorSettings { Dimension = 16, UnobservedWeight = 0.1, Regularisation = 0.01 };
        var solver = new FactorSolver(SparseRows.Of(lists, 90), settings, threads: 1);
        for (var epoch = 0; epoch < 4; epoch++)
        {
            solver.SolveUsers(default);
            solver.SolveItems(default);
        }
        solver.SolveUsers(default);
        var model = new FactorModel(settings, solver.ItemFactors);
        for (var user = 0; user < lists.Length; user++)
        {
            var folded = model.FoldIn(lists[user]);
            var solved = solver.UserFactors.AsSpan(user * 16, 16);
            for (var i = 0; i < 16; i++)
                Assert.Equal(solved[i], folded[i], 1e-4f);
            var rows = lists[user].SelectMany(i => model.Of(i).ToArray()).ToArray();
            var direct = new float[16];
            model.FoldInRows(rows, direct);
            Assert.Equal(folded, direct);
        }
        Assert.All(model.FoldIn([]), x => Assert.Equal(0, x));
    }

    [Fact]
    public void The_result_depends_on_the_seed_and_not_on_the_number_of_threads()
    {
        var positives = SparseRows.Of(Random(users: 500, items: 400, seed: 9), 400);
        var settings = new FactorSettings { Dimension = 8, Epochs = 3 };
        var one = FactorSolver.Fit(positives, settings, 1, progress: null, default);
        Assert.Equal(one.Items, FactorSolver.Fit(positives, settings, 4, progress: null, default).Items);
        Assert.NotEqual(one.Items, FactorSolver.Fit(positives, settings with { Seed = 2 }, 1, progress: null, default).Items);
    }

    [Fact]
    public void People_who_like_one_group_of_items_are_given_the_rest_of_it_before_any_other()
    {
        // Two groups of 20 items; each user likes 8 of one group.
        var random = new Random(3);
        var lists = Enumerable.Range(0, 200).Select(
            u => Enumerable.Range(0, 20).OrderBy(_ => random.Next()).Take(8).Select(i => (u % 2 * 20) + i).ToArray()).ToArray();
        var model = FactorSolver.Fit(SparseRows.Of(lists, 40), new FactorSettings { Dimension = 4, Epochs = 8 }, 2, progress: null, default);
        var user = model.FoldIn([21, 22, 23]);
        var scores = Enumerable.Range(0, 40).Select(i => model.Of(i).ToArray().Zip(user, (a, b) => a * b).Sum()).ToArray();
        Assert.All(Enumerable.Range(0, 40).OrderByDescending(i => scores[i]).Take(20), i => Assert.True(i >= 20));
    }

    [Fact]
    public void A_fit_reports_every_epoch_and_ends_when_it_is_cancelled()
    {
        var positives = SparseRows.Of(Random(users: 30, items: 30, seed: 1), 30);
        using var cancellation = new CancellationTokenSource();
        var epochs = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => FactorSolver.Fit(
            positives, new FactorSettings { Dimension = 4, Epochs = 9 }, 1, () =>
            {
                if (++epochs == 3)
                    cancellation.Cancel();
            }, cancellation.Token));
        Assert.Equal(3, epochs);
    }

    [Fact]
    public void Settings_out_of_range_and_items_that_there_are_not_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new FactorSettings { Dimension = 0 }.Check());
        Assert.Throws<ArgumentOutOfRangeException>(() => new FactorSettings { UnobservedWeight = 0 }.Check());
        Assert.Throws<ArgumentOutOfRangeException>(() => new FactorSettings { Regularisation = double.NaN }.Check());
        Assert.Throws<ArgumentOutOfRangeException>(() => new FactorSettings { Exponent = 3 }.Check());
        Assert.Throws<ArgumentOutOfRangeException>(() => SparseRows.Of([[3]], 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => SparseRows.Of([[-1]], 3));
        Assert.Throws<ArgumentException>(() => new FactorModel(new FactorSettings { Dimension = 4 }, new float[6]));
    }

    [Fact]
    public void Rows_and_their_transpose_hold_every_pair_once()
    {
        var rows = SparseRows.Of([[2, 0, 2], [], [1, 2]], 4);
        Assert.Equal([0, 2], rows[0].ToArray());
        Assert.Equal((3, 4, 4), (rows.RowCount, rows.ColumnCount, rows.EntryCount));
        var columns = rows.Transpose();
        Assert.Equal([[0], [2], [0, 2], []], Enumerable.Range(0, 4).Select(c => columns[c].ToArray()));
    }

    private static int[][] Random(int users, int items, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, users).Select(u => u == 0
            ? []
            : Enumerable.Range(0, items).Where(_ => random.NextDouble() < 0.1 + (u % 4 * 0.25)).ToArray())];
    }

    private static void AssertRows(int[][] lists, int rows, float[] others, float[] solved, FactorSettings settings)
    {
        for (var row = 0; row < rows; row++)
        {
            var regularisation = settings.RegularisationOf(lists[row].Length, others.Length / settings.Dimension);
            var solution = solved.AsSpan(row * settings.Dimension, settings.Dimension);
            var (gradient, magnitude) = DenseReference.At(solution, others, lists[row], settings.UnobservedWeight, regularisation);
            Assert.True(gradient.Max(Math.Abs) <= 1e-5 * magnitude, $"row {row}: {gradient.Max(Math.Abs)} of {magnitude}");
        }
    }
}
