using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.ReRanking;

/// <summary>
/// What the window rules of a scene see of an item. Small enough for a page token, so that the rules still count an item that was deleted after it was served.
/// </summary>
/// <param name="Creator">Key of the creator, 0 if unknown.</param>
/// <param name="Song">Key of the song, 0 without one.</param>
/// <param name="Kind">Kind.</param>
/// <param name="Filters">Bit i is set when the item matches the filter of window rule i (<see cref="RuleSet"/>).</param>
public readonly record struct RuleItem(ulong Creator, ulong Song, ItemKind Kind, uint Filters);
