using System.Runtime.InteropServices;

namespace KgOrleans.Ranking.Recall;

/// <summary>A place in the order of a channel, or of pre-rank scores: score descending, then key ascending. 12 bytes.</summary>
/// <param name="Score">Score.</param>
/// <param name="Key">Key of the item; 0 stands before all items of the score, the largest key behind them.</param>
[StructLayout(LayoutKind.Sequential, Pack = 4)]
public readonly record struct ScoreBound(float Score, ulong Key)
{
    /// <summary>Before everything.</summary>
    public static readonly ScoreBound Best = new(float.PositiveInfinity, 0);

    /// <summary>Behind everything.</summary>
    public static readonly ScoreBound Worst = new(float.NegativeInfinity, ulong.MaxValue);

    /// <summary>Whether this comes before another place.</summary>
    public bool IsBefore(ScoreBound other) => Score > other.Score || (Score == other.Score && Key < other.Key);
}
