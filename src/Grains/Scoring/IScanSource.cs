using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Recall;

namespace KgOrleans.Grains.Scoring;

/// <summary>A partition whose requests can share passes.</summary>
public interface IScanSource
{
    /// <summary>The newest view. The caller holds it and must dispose it.</summary>
    PartitionView Acquire();
}

/// <summary>An answer of a shared pass.</summary>
/// <param name="View">The view that it was made from, released already: its numbers and names can be read, its rows cannot.</param>
/// <param name="Result">The answer.</param>
public readonly record struct ScanAnswer(PartitionView View, RecallResult Result);
