namespace KgOrleans.Ranking.Factors;

/// <summary>
/// A logistic regression: p = sigmoid(w . x + b), with the weights that minimise the logarithmic loss summed over the rows plus <see cref="Ridge"/> / 2 x |w|^2
/// on standardised columns. The problem is convex; Newton's method solves it. The result depends on the rows alone.
/// </summary>
public sealed class LogisticRegression
{
    /// <summary>
    /// Pull of a weight to zero. As a prior: a column that moves by its standard deviation is expected to change the log odds by about 0.3. Some hundred rows
    /// of evidence outweigh it.
    /// </summary>
    public const double Ridge = 10;

    private const int MostSteps = 50;
    private const double Tolerance = 1e-7;

    // Rows widened to double precision at a time.
    private const int Block = 64;

    private LogisticRegression(double[] weights, double bias) => (Weights, Bias) = (weights, bias);

    /// <summary>Weight of each column as it came.</summary>
    public IReadOnlyList<double> Weights { get; }

    /// <summary>b, the log odds of a row of zeros.</summary>
    public double Bias { get; }

    /// <summary>Fits the model. A column that never changes gets the weight 0.</summary>
    /// <param name="rows">Rows of <paramref name="width"/> finite values, one after another.</param>
    /// <param name="width">Columns, at least 1.</param>
    /// <param name="labels">Label of each row.</param>
    /// <param name="cancellation">Ends the fit.</param>
    /// <exception cref="ArgumentException">There are no rows, or their number is not that of the labels.</exception>
    public static LogisticRegression Fit(ReadOnlySpan<float> rows, int width, ReadOnlySpan<bool> labels, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if (labels.IsEmpty || rows.Length != labels.Length * (long)width)
            throw new ArgumentException($"{rows.Length} values and {labels.Length} labels do not fit a width of {width}", nameof(rows));
        var (means, scales) = Standardisation(rows, width);
        var d = width + 1;
        var (weights, before) = (new double[d], new double[d]);
        var positives = 0;
        foreach (var label in labels)
            positives += label ? 1 : 0;
        // The column of ones is the last; half a row of each label keeps the start finite.
        weights[width] = Math.Log((positives + 0.5) / (labels.Length - positives + 0.5));
        var (gradient, hessian) = (new double[d], new double[d * d]);
        var loss = double.PositiveInfinity;
        for (var step = 0; step < MostSteps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var next = Pass(rows, labels, means, scales, weights, gradient, hessian);
            if (next > loss)
            {
                // Newton's step went too far: half of it is tried.
                for (var i = 0; i < d; i++)
                    weights[i] = (weights[i] + before[i]) / 2;
                continue;
            }
            loss = next;
            weights.CopyTo(before, 0);
            if (!DenseMath.Solve(hessian, gradient))
                break;
            var largest = 0d;
            for (var i = 0; i < d; i++)
            {
                weights[i] -= gradient[i];
                largest = Math.Max(largest, Math.Abs(gradient[i]));
            }
            if (largest < Tolerance)
                break;
        }
        var (own, bias) = (new double[width], weights[width]);
        for (var i = 0; i < width; i++)
        {
            own[i] = weights[i] * scales[i];
            bias -= own[i] * means[i];
        }
        return new LogisticRegression(own, bias);
    }

    private static (double[] Means, double[] Scales) Standardisation(ReadOnlySpan<float> rows, int width)
    {
        var (means, squares) = (new double[width], new double[width]);
        var count = rows.Length / width;
        for (var at = 0; at < rows.Length; at += width)
        {
            for (var i = 0; i < width; i++)
                means[i] += rows[at + i] / (double)count;
        }
        for (var at = 0; at < rows.Length; at += width)
        {
            for (var i = 0; i < width; i++)
                squares[i] += (rows[at + i] - means[i]) * (rows[at + i] - means[i]) / count;
        }
        // What a sum of equal values leaves behind is no change.
        var scales = new double[width];
        for (var i = 0; i < width; i++)
            scales[i] = squares[i] > 1e-12 * (1 + (means[i] * means[i])) ? 1 / Math.Sqrt(squares[i]) : 0;
        return (means, scales);
    }

    // Loss, gradient and Hessian at the weights.
    private static double Pass(
        ReadOnlySpan<float> rows, ReadOnlySpan<bool> labels, double[] means, double[] scales, double[] weights, double[] gradient, double[] hessian)
    {
        var (width, d) = (means.Length, weights.Length);
        Array.Clear(gradient);
        Array.Clear(hessian);
        var loss = 0d;
        var wide = new double[Block * d];
        for (var first = 0; first < labels.Length; first += Block)
        {
            var count = Math.Min(Block, labels.Length - first);
            for (var r = 0; r < count; r++)
            {
                var x = wide.AsSpan(r * d, d);
                var source = rows.Slice((first + r) * width, width);
                for (var i = 0; i < width; i++)
                    x[i] = (source[i] - means[i]) * scales[i];
                x[width] = 1;
                var z = DenseMath.Dot(x, weights);
                var p = 1 / (1 + Math.Exp(-z));
                var y = labels[first + r] ? 1 : 0;
                // log(1 + e^-|z|) keeps its digits where p is 0 or 1.
                loss += Math.Log(1 + Math.Exp(-Math.Abs(z))) + Math.Max(z, 0) - (y * z);
                DenseMath.AddScaled(gradient, p - y, x);
                var root = Math.Sqrt(p * (1 - p));
                foreach (ref var value in x)
                    value *= root;
            }
            DenseMath.AddOuterProducts(hessian, wide.AsSpan(0, count * d), d);
        }
        for (var i = 0; i < width; i++)
        {
            loss += Ridge / 2 * weights[i] * weights[i];
            gradient[i] += Ridge * weights[i];
            hessian[(i * d) + i] += Ridge;
        }
        // Where every row is certain the column of ones would have no curvature left.
        hessian[(width * d) + width] += 1e-9;
        return loss;
    }
}
