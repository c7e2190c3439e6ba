namespace KgOrleans.Ranking.Users;

/// <summary>An item that the user has just liked: the keys that the continue channel looks for.</summary>
/// <param name="Creator">Key of its creator.</param>
/// <param name="Song">Key of its song, 0 without one.</param>
/// <param name="Tags">Keys of its tags.</param>
public readonly record struct RecentItem(ulong Creator, ulong Song, ulong[] Tags);
