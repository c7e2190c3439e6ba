using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Recall;

/// <summary>The likes of a user's friends as one list.</summary>
public static class FriendLikes
{
    /// <summary>Items by how many friends liked them, most first, then by key.</summary>
    /// <param name="liked">Per friend the keys of items liked, 8 bytes each, without repetition.</param>
    /// <param name="most">Most items wanted.</param>
    /// <returns>Interests in items; the weight is the number of friends.</returns>
    public static RecallInterest[] Sum(IEnumerable<byte[]> liked, int most)
    {
        var counts = new Dictionary<ulong, int>();
        foreach (var friend in liked)
        {
            foreach (var key in Key64.FromBytes(friend))
                counts[key] = counts.GetValueOrDefault(key) + 1;
        }
        var items = new RecallInterest[counts.Count];
        var i = 0;
        foreach (var (key, count) in counts)
            items[i++] = new RecallInterest(key, count, InterestField.Item);
        Array.Sort(items, static (a, b) => a.Weight != b.Weight ? b.Weight.CompareTo(a.Weight) : a.Key.CompareTo(b.Key));
        return items.Length <= most ? items : items[..most];
    }
}
