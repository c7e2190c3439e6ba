using KgOrleans.Import.Sets;
using KgOrleans.Lab.Evaluate;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Lab.Frontier;

/// <summary>
/// HetRec 2011 Last.fm: candidates by item-kNN over the plays that were kept, gains 1 for an artist whose plays were held out. Content vectors are directions
/// made from an artist's tags, as for any item without a vector.
/// </summary>
internal static class FrontierHetRec
{
    private const double HeldOut = 0.2;
    private const int ContentDimension = 32;

    /// <summary>Reads the set as its publisher distributes it.</summary>
    public static FrontierData Read(string path, int seed, int pool, int mostUsers, CancellationToken cancellation)
    {
        using var folder = DataFolder.Open(path);
        var set = HetRecLastFm.Read(folder, new IdScope(""), new HistoryHoldOut(HeldOut, seed));
        // The set has no songs: an artist's most frequent tag stands in, so that the rule about songs keeps genres apart.
        var items = ItemColumns.Block(
            [.. set.Items.Select(i => i with { SongId = i.Tags.Count > 0 ? i.Tags[0] : null })], ContentDimension, embeddingDimension: 0);
        var rows = Enumerable.Range(0, items.Count).ToDictionary(i => items.Ids[i]);
        var knn = new EvaluateItemKnn(items.Count);
        var popularity = new float[items.Count];
        var heard = new Dictionary<string, HashSet<int>>();
        foreach (var e in set.Events)
        {
            var row = rows[e.ItemId];
            knn.Add(e.UserId, row);
            popularity[row]++;
            (heard.TryGetValue(e.UserId, out var known) ? known : heard[e.UserId] = []).Add(row);
        }
        var wanted = set.HeldOut.GroupBy(e => e.UserId).ToDictionary(g => g.Key, g => g.Select(e => rows[e.ItemId]).ToHashSet());
        var users = new List<FrontierUser>();
        var scores = new float[items.Count];
        foreach (var (user, liked) in wanted.OrderBy(w => Key64.Of(w.Key)).Take(mostUsers))
        {
            cancellation.ThrowIfCancellationRequested();
            knn.Score(user, popularity, scores);
            var known = heard[user];
            var best = EvaluateMetrics.Top(scores, [.. Enumerable.Range(0, items.Count).Where(i => !known.Contains(i))], pool);
            var ideal = new float[FrontierPolicy.PageSize];
            ideal.AsSpan(0, Math.Min(ideal.Length, liked.Count)).Fill(1);
            users.Add(
                new FrontierUser(
                    Key64.Of(user), best, Array.ConvertAll(best, i => scores[i]), Array.ConvertAll(best, i => liked.Contains(i) ? 1f : 0f), ideal));
        }
        return new FrontierData("HetRec 2011 Last.fm", "1 for an artist whose plays were held out, a fifth of each user's", items, 0, users);
    }
}
