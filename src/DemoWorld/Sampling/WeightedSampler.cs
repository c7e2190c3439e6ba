namespace KgOrleans.DemoWorld.Sampling;

/// <summary>Draws indexes with probability proportional to their weights.</summary>
internal sealed class WeightedSampler
{
    private readonly double[] _cumulative;

    public WeightedSampler(ReadOnlySpan<double> weights)
    {
        _cumulative = new double[weights.Length];
        var sum = 0.0;
        for (var i = 0; i < weights.Length; i++)
            _cumulative[i] = sum += weights[i];
    }

    public int Next(RandomStream random)
    {
        var found = Array.BinarySearch(_cumulative, random.NextDouble() * _cumulative[^1]);
        return Math.Min(found < 0 ? ~found : found + 1, _cumulative.Length - 1);
    }

    /// <summary>
    /// Zipf-Mandelbrot weights (rank + offset)^-exponent. Ranks are assigned at random, so that an id says nothing about popularity. The offset keeps the first
    /// rank from taking a tenth of everything.
    /// </summary>
    public static double[] ZipfWeights(int count, double exponent, double offset, RandomStream random)
    {
        var weights = new double[count];
        for (var rank = 0; rank < count; rank++)
            weights[rank] = Math.Pow(rank + 1 + offset, -exponent);
        for (var i = count - 1; i > 0; i--)
        {
            var j = random.Next(i + 1);
            (weights[i], weights[j]) = (weights[j], weights[i]);
        }
        return weights;
    }
}
