using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Recall;

/// <summary>What a user's friends liked, as one list.</summary>
public static class FriendLikes
{
    /// <summary>Works by how many friends liked them, most first, then by key.</summary>
    /// <param name="liked">Per friend the keys of works liked, 8 bytes each, without repetition.</param>
    /// <param name="most">Most works wanted.</param>
    /// <returns>Interests in works; the weight is the number of friends.</returns>
    public static RecallInterest[] Sum(IEnumerable<byte[]> liked, int most)
    {
        var counts = new Dictionary<ulong, int>();
        foreach (var friend in liked)
        {
            foreach (var key in Key64.FromBytes(friend))
                counts[key] = counts.GetValueOrDefault(key) + 1;
        }
        var works = new RecallInterest[counts.Count];
        var i = 0;
        foreach (var (key, count) in counts)
            works[i++] = new RecallInterest(key, count, InterestField.Item);
        Array.Sort(works, static (a, b) => a.Weight != b.Weight ? b.Weight.CompareTo(a.Weight) : a.Key.CompareTo(b.Key));
        return works.Length <= most ? works : works[..most];
    }
}
