using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.DemoWorld;

/// <summary>A generated world: the data that a platform would have, and the truth that only the generator knows.</summary>
/// <param name="WorldId">Name of the catalogue. It depends on the options alone.</param>
/// <param name="Items">Items, <c>w00001</c> upwards: index + 1 is the number in the id.</param>
/// <param name="Users">Profiles, <c>u0001</c> upwards.</param>
/// <param name="Events">
/// The event log: users one after another, the events of each user in order of time, the impressions of a request together and in order of position.
/// </param>
/// <param name="Truth">Why users did what they did. Only evaluation may read it, never serving or training.</param>
public sealed record DemoWorldData(
    string WorldId, IReadOnlyList<ItemDocument> Items, IReadOnlyList<UserDocument> Users, IReadOnlyList<UserEvent> Events, Truth Truth)
{
    /// <summary>
    /// Songs, rooms and people, for the scenes that are about them. Nobody has done anything with them yet, and the truth says nothing of them.
    /// </summary>
    public IReadOnlyList<ItemDocument> Others { get; init; } = [];
}
