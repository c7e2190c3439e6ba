using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.DemoWorld;

/// <summary>A generated world: what a platform would know, and apart from it the truth that only the generator knows.</summary>
/// <param name="WorldId">Name of the catalogue; a function of the options alone.</param>
/// <param name="Items">Items, <c>w00001</c> upwards: index + 1 is the number in the id.</param>
/// <param name="Users">Profiles, <c>u0001</c> upwards.</param>
/// <param name="Events">The log: users one after another, each user's events in order of time, a request's impressions together and in order of position.</param>
/// <param name="Truth">Why users did what they did. For evaluation alone; nothing that serves or trains may read it.</param>
public sealed record DemoWorldData(string WorldId, IReadOnlyList<ItemDocument> Items, IReadOnlyList<UserDocument> Users, IReadOnlyList<UserEvent> Events, Truth Truth);
