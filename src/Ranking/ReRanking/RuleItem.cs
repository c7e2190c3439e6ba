using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.ReRanking;

/// <summary>What the window rules of a scene see of a work. Small enough to travel in a page token, so that rules hold against a work that is gone since it was served.</summary>
/// <param name="Creator">Key of the creator, 0 if unknown.</param>
/// <param name="Song">Key of the song, 0 without one.</param>
/// <param name="Kind">Kind.</param>
/// <param name="Filters">Bit i is set when the work matches the filter of window rule i (<see cref="RuleSet"/>).</param>
public readonly record struct RuleItem(ulong Creator, ulong Song, ItemKind Kind, uint Filters);

/// <summary>A work that stands at a fixed position.</summary>
/// <param name="Candidate">Index of the candidate.</param>
/// <param name="Position">Position on the page, from 0.</param>
public readonly record struct PinnedItem(int Candidate, int Position);
