using System.Numerics;
using System.Runtime.Intrinsics;
using KgOrleans.Kernels.TopK;

namespace KgOrleans.Ranking.Recall;

/// <summary>
/// Scores as whole numbers in the same order, which bisection halves exactly: those of <see cref="TopKStream"/>, ascending. NaN stands below all
/// others; -0 equals +0.
/// </summary>
internal static class ScoreRanks
{
    /// <summary>Rank of a score.</summary>
    public static int Of(float score) => float.IsNaN(score) ? int.MinValue : (int)~TopKStream.Rank(score) ^ int.MinValue;

    /// <summary>Score of a rank.</summary>
    public static float ScoreOf(int rank) => TopKStream.Score(~(uint)(rank ^ int.MinValue));

    /// <summary>Ranks of scores.</summary>
    /// <returns>The least and the greatest, those of NaN left out; the least is above the greatest when there are none.</returns>
    public static (int Low, int High) Fill(ReadOnlySpan<float> scores, Span<int> ranks)
    {
        var (low, high) = (int.MaxValue, int.MinValue);
        var i = 0;
        if (Vector512.IsHardwareAccelerated && scores.Length >= Vector512<float>.Count)
        {
            var (lows, highs) = (Vector512.Create(int.MaxValue), Vector512.Create(int.MinValue));
            for (; i <= scores.Length - Vector512<float>.Count; i += Vector512<float>.Count)
            {
                var score = Vector512.Create(scores[i..]) + Vector512<float>.Zero;
                var bits = score.AsInt32();
                var rank = bits ^ (Vector512.ShiftRightArithmetic(bits, 31) & Vector512.Create(int.MaxValue));
                var isNumber = Vector512.Equals(score, score).AsInt32();
                rank = Vector512.ConditionalSelect(isNumber, rank, Vector512.Create(int.MinValue));
                rank.CopyTo(ranks[i..]);
                lows = Vector512.Min(lows, Vector512.ConditionalSelect(isNumber, rank, Vector512.Create(int.MaxValue)));
                highs = Vector512.Max(highs, rank);
            }
            for (var lane = 0; lane < Vector512<int>.Count; lane++)
                (low, high) = (Math.Min(low, lows[lane]), Math.Max(high, highs[lane]));
        }
        for (; i < scores.Length; i++)
        {
            ranks[i] = Of(scores[i]);
            if (!float.IsNaN(scores[i]))
                (low, high) = (Math.Min(low, ranks[i]), Math.Max(high, ranks[i]));
        }
        return (low, high);
    }

    /// <summary>How many ranks are at least one.</summary>
    public static int CountFrom(ReadOnlySpan<int> ranks, int least)
    {
        var count = 0;
        var i = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            var bound = Vector512.Create(least);
            for (; i <= ranks.Length - Vector512<int>.Count; i += Vector512<int>.Count)
                count += BitOperations.PopCount(Vector512.GreaterThanOrEqual(Vector512.Create(ranks[i..]), bound).ExtractMostSignificantBits());
        }
        for (; i < ranks.Length; i++)
            count += ranks[i] >= least ? 1 : 0;
        return count;
    }
}
