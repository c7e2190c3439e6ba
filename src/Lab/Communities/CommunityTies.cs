using KgOrleans.Lab.Replay;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Lab.Communities;

/// <summary>Ties between people in a history. Creators are people: they are followed.</summary>
internal static class CommunityTies
{
    /// <summary>Weight of a friendship: both said so, or one did.</summary>
    public const double Friend = 3;

    /// <summary>Weight of following a creator.</summary>
    public const double Follow = 2;

    /// <summary>Most that all items liked in common weigh together.</summary>
    public const double CoLikes = 1;

    // What everybody knows brings nobody together, and pairs grow with the square.
    private const int MostFollowers = 1_000;
    private const int MostLikers = 50;

    /// <summary>The ties of a history.</summary>
    public static IEnumerable<CommunityTie> Of(ReplayHistory history)
    {
        var creators = history.Items.ToDictionary(i => i.ItemId, i => i.CreatorId);
        var friends = new HashSet<(string, string)>();
        var followers = new Dictionary<string, HashSet<string>>();
        var likers = new Dictionary<string, HashSet<string>>();
        foreach (var (user, profile) in history.Profiles)
        {
            friends.UnionWith(profile.Friends.Select(f => Pair(user, f)));
            foreach (var creator in profile.Follows)
                Add(followers, creator, user);
        }
        // What was taken back binds nobody, so that events count in the order in which they happened.
        var likes = new HashSet<(string Item, string User, EventType Type)>();
        foreach (var e in history.Events.OrderBy(e => e.Timestamp))
        {
            if (!creators.TryGetValue(e.ItemId, out var creator))
                continue;
            if (e.Type == EventType.Follow && e.IsUndo)
                followers.GetValueOrDefault(creator)?.Remove(e.UserId);
            else if (e.Type == EventType.Follow)
                Add(followers, creator, e.UserId);
            else if (e.IsUndo)
                likes.Remove((e.ItemId, e.UserId, e.Type));
            else if (EventTypes.IsPositive(e.Type, e.Value ?? 0))
                likes.Add((e.ItemId, e.UserId, e.Type));
        }
        foreach (var (item, user, _) in likes)
            Add(likers, item, user);
        return friends.Select(f => new CommunityTie(f.Item1, f.Item2, Friend))
            .Concat(followers.Where(f => f.Value.Count <= MostFollowers).SelectMany(f => f.Value.Select(user => new CommunityTie(user, f.Key, Follow))))
            .Concat(CoLiked(likers));
    }

    /// <summary>Items liked by the same two: each counts the less the more liked it (Newman 2001), all of them at most <see cref="CoLikes"/>.</summary>
    private static IEnumerable<CommunityTie> CoLiked(Dictionary<string, HashSet<string>> likers)
    {
        var together = new Dictionary<(string, string), double>();
        // In the order of items, since sums of floating-point numbers depend on it.
        foreach (var (_, users) in likers.OrderBy(l => l.Key, StringComparer.Ordinal))
        {
            if (users.Count is < 2 or > MostLikers)
                continue;
            string[] all = [.. users];
            for (var i = 0; i < all.Length; i++)
            {
                for (var j = 0; j < i; j++)
                {
                    var pair = Pair(all[i], all[j]);
                    together[pair] = together.GetValueOrDefault(pair) + (1d / (all.Length - 1));
                }
            }
        }
        return together.Select(t => new CommunityTie(t.Key.Item1, t.Key.Item2, Math.Min(CoLikes, t.Value)));
    }

    private static (string, string) Pair(string a, string b) => string.CompareOrdinal(a, b) < 0 ? (a, b) : (b, a);

    private static void Add(Dictionary<string, HashSet<string>> sets, string key, string value) =>
        (sets.TryGetValue(key, out var set) ? set : sets[key] = []).Add(value);
}
