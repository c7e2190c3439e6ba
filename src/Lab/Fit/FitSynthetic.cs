using KgOrleans.Ranking.Factors;

namespace KgOrleans.Lab.Fit;

/// <summary>A made-up history for measurements: few items have most of the likes, and some users have many.</summary>
internal static class FitSynthetic
{
    /// <summary>Likes of users, the same on every call.</summary>
    public static SparseRows Likes(int likes, int users, int items)
    {
        var random = new Random(7);
        var lists = new HashSet<int>[users];
        var mean = (double)likes / users;
        for (var user = 0; user < users; user++)
        {
            // Exponential: half of the users have less than 0.7 of the mean, one in a hundred 4.6 times.
            var count = Math.Min(items / 2, (int)Math.Round(-mean * Math.Log(1 - random.NextDouble())));
            var list = lists[user] = new HashSet<int>(count);
            while (list.Count < count)
                list.Add(Item(random, items));
        }
        return SparseRows.Of(lists, items);
    }

    // Density 1 / sqrt: the most popular tenth has 32 % of the likes.
    private static int Item(Random random, int items)
    {
        var at = random.NextDouble();
        return (int)(at * at * items);
    }
}
