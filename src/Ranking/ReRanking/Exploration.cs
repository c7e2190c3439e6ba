using System.IO.Hashing;
using System.Text;

namespace KgOrleans.Ranking.ReRanking;

/// <summary>
/// Exploration by a Plackett-Luce draw: items are drawn one after another, each with a probability in proportion to s_i = f_i ^ (1 / temperature) among those
/// that are left, where f is the fused score.
/// Adding Gumbel noise to log s and sorting is that draw (Yellott 1977; Kool, van Hoof and Welling 2019, "Stochastic Beams and Where to Find Them", section
/// 2.3).
/// </summary>
/// <remarks>
/// Noise is a hash of seed, page and item. Equal seeds give equal orders for any number of shards, and the noise of an item does not depend on the items beside
/// it.
/// </remarks>
public static class Exploration
{
    // A score of 0 has no logarithm. No ranker means a score this low.
    private const double Floor = 1e-9;
    // "SHARE" in ASCII: the choice whether to explore and the draw itself must not share their noise.
    private const ulong ShareStream = 0x5348415245;

    /// <summary>The seed of a request without one of its own.</summary>
    public static long SeedOf(string requestId) => (long)XxHash64.HashToUInt64(Encoding.UTF8.GetBytes(requestId));

    /// <summary>Whether a request explores: the same for all pages of a chain, since they keep its seed.</summary>
    /// <param name="seed">Seed of the chain.</param>
    /// <param name="share">Share of requests that explore, 0..1.</param>
    public static bool IsChosen(long seed, double share) => share > 0 && Uniform(Mix(Mix((ulong)seed) ^ ShareStream)) < share;

    /// <summary>Draws an order.</summary>
    /// <param name="seed">Seed of the chain of pages.</param>
    /// <param name="served">Number of items that earlier pages served: each page draws anew.</param>
    /// <param name="keys">Item keys.</param>
    /// <param name="scores">Fused score of each item, not negative.</param>
    /// <param name="temperature">Temperature, above 0.</param>
    /// <param name="order">Receives indexes of the items in the order drawn.</param>
    /// <param name="propensities">
    /// Receives the probability of each draw, in the order drawn, given the draws before it: s_i over the sum of s of all items that were left. The product
    /// over an order is the probability of that order.
    /// </param>
    public static void Draw(
        long seed, int served, ReadOnlySpan<ulong> keys, ReadOnlySpan<float> scores, double temperature, Span<int> order, Span<double> propensities)
    {
        var logits = new double[keys.Length];
        var noised = new double[keys.Length];
        var page = Mix(Mix((ulong)seed) + (ulong)served + 1);
        for (var i = 0; i < keys.Length; i++)
        {
            logits[i] = Math.Log(Math.Max(scores[i], Floor)) / temperature;
            // Negated, so that ascending order is the order drawn.
            noised[i] = -(logits[i] - Math.Log(-Math.Log(Uniform(Mix(page ^ keys[i])))));
            order[i] = i;
        }
        noised.AsSpan().Sort(order[..keys.Length]);
        // Sums of exponentials in logarithms, starting at the last item: no sum overflows, and none is lost beside a larger one.
        var left = double.NegativeInfinity;
        for (var n = keys.Length - 1; n >= 0; n--)
        {
            var logit = logits[order[n]];
            left = logit > left ? logit + Math.Log(1 + Math.Exp(left - logit)) : left + Math.Log(1 + Math.Exp(logit - left));
            propensities[n] = Math.Exp(logit - left);
        }
    }

    // Stafford's variant 13 of the 64-bit finaliser, as in SplitMix64 (Steele, Lea and Flood 2014).
    private static ulong Mix(ulong x)
    {
        x += 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }

    // Between 0 and 1, both excluded.
    private static double Uniform(ulong bits) => ((bits >> 11) + 0.5) * (1.0 / (1UL << 53));
}
