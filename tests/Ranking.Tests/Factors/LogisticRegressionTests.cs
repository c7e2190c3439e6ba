using KgOrleans.Ranking.Factors;

namespace KgOrleans.Ranking.Tests.Factors;

[Trait("Suite", "Unit")]
public sealed class LogisticRegressionTests
{
    [Fact]
    public void The_weights_that_made_the_labels_are_found_again_whatever_the_scale_of_a_column()
    {
        var (rows, labels) = Sample(40_000, [0.8, -0.02, 0, 3], -1);
        var model = LogisticRegression.Fit(rows, 4, labels, default);
        Assert.Equal(0.8, model.Weights[0], 0.05);
        Assert.Equal(-0.02, model.Weights[1], 0.002);
        Assert.Equal(0, model.Weights[2], 0.05);
        Assert.Equal(3, model.Weights[3], 0.5);
        Assert.Equal(-1, model.Bias, 0.3);
    }

    [Fact]
    public void The_result_is_the_minimum_of_loss_and_ridge()
    {
        var (rows, labels) = Sample(300, [0.8, -0.02, 0.3, 3], -1);
        var model = LogisticRegression.Fit(rows, 4, labels, default);
        var best = Objective(rows, labels, [.. model.Weights], model.Bias);
        for (var i = 0; i < 5; i++)
        {
            foreach (var move in (double[])[-1e-3, 1e-3])
            {
                double[] weights = [.. model.Weights];
                if (i < 4)
                    weights[i] += move / Deviation(rows, i);
                Assert.True(Objective(rows, labels, weights, i < 4 ? model.Bias : model.Bias + move) > best, $"column {i}");
            }
        }
    }

    [Fact]
    public void Columns_that_never_change_labels_that_are_all_one_and_a_column_that_tells_all_give_finite_weights()
    {
        float[] rows = [7, -3, 7, -2, 7, -1, 7, 1, 7, 2, 7, 3];
        var told = LogisticRegression.Fit(rows, 2, [false, false, false, true, true, true], default);
        Assert.Equal(0, told.Weights[0]);
        Assert.True(told.Weights[1] is > 0 and < 10);
        var all = LogisticRegression.Fit(rows, 2, [true, true, true, true, true, true], default);
        Assert.True(double.IsFinite(all.Bias) && all.Weights.All(double.IsFinite) && all.Bias > 1);
        Assert.Throws<ArgumentException>(() => LogisticRegression.Fit(rows, 2, [true], default));
        Assert.Throws<ArgumentException>(() => LogisticRegression.Fit([], 2, [], default));
    }

    private static (float[] Rows, bool[] Labels) Sample(int count, double[] weights, double bias)
    {
        var random = new Random(6);
        double[] scales = [1, 50, 1, 0.1];
        var (rows, labels) = (new float[count * weights.Length], new bool[count]);
        for (var row = 0; row < count; row++)
        {
            var z = bias;
            for (var i = 0; i < weights.Length; i++)
            {
                var x = rows[(row * weights.Length) + i] = (float)(scales[i] * ((2 * random.NextDouble()) - 1 + i));
                z += weights[i] * x;
            }
            labels[row] = random.NextDouble() < 1 / (1 + Math.Exp(-z));
        }
        return (rows, labels);
    }

    private static double Objective(float[] rows, bool[] labels, double[] weights, double bias)
    {
        var sum = 0d;
        for (var row = 0; row < labels.Length; row++)
        {
            var z = bias;
            for (var i = 0; i < weights.Length; i++)
                z += weights[i] * rows[(row * weights.Length) + i];
            sum += Math.Log(1 + Math.Exp(labels[row] ? -z : z));
        }
        for (var i = 0; i < weights.Length; i++)
            sum += LogisticRegression.Ridge / 2 * Math.Pow(weights[i] * Deviation(rows, i), 2);
        return sum;
    }

    private static double Deviation(float[] rows, int column)
    {
        var values = rows.Where((_, i) => i % 4 == column).Select(x => (double)x).ToArray();
        var mean = values.Average();
        return Math.Sqrt(values.Average(x => (x - mean) * (x - mean)));
    }
}
