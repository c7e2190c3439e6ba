using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Lab.Replay;

/// <summary>One request as it was when it was served, and what the user then did.</summary>
/// <param name="At">Time of the first impression, unix milliseconds.</param>
/// <param name="RequestId">The request's id; null when the impressions carried none.</param>
/// <param name="User">The user before the first impression.</param>
/// <param name="Items">The items shown, counters as of then.</param>
/// <param name="Positions">Position of each item, -1 when it is not known.</param>
/// <param name="Labels">Per item a label per objective.</param>
/// <param name="Shadows">Items that were not shown, drawn evenly from what was published then.</param>
internal sealed record ReplayedRequest(long At, string? RequestId, UserSnapshot User, ItemBlock Items, long[] Positions, byte[][] Labels, ItemBlock Shadows);
