using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Lab.Replay;

/// <summary>What replay starts from: the catalogue, the profiles and everything that happened.</summary>
/// <param name="WorldId">Catalogue that ids belong to.</param>
/// <param name="Source">Where it comes from, for the log's header.</param>
/// <param name="Items">Newest document of every item that ever was.</param>
/// <param name="Profiles">Profiles by user.</param>
/// <param name="Events">Completed events in any order.</param>
internal sealed record ReplayHistory(
    string WorldId, string Source, IReadOnlyCollection<ItemDocument> Items, IReadOnlyDictionary<string, UserDocument> Profiles,
    IReadOnlyCollection<UserEvent> Events);
