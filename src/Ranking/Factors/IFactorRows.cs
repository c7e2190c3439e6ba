namespace KgOrleans.Ranking.Factors;

/// <summary>The vectors of a row's positives, by their place.</summary>
internal interface IFactorRows
{
    ReadOnlySpan<float> this[int place] { get; }
}
