using KgOrleans.DemoWorld.Hidden;
using KgOrleans.DemoWorld.Sampling;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.DemoWorld.Observed;

/// <summary>
/// What the platform showed before there was a model: popular items, items of stated interests and follows, and a uniform draw for nearly half of the places.
/// The uniform part makes the log fit for training and evaluation.
/// </summary>
internal sealed class LoggingPolicy
{
    private const double Popular = 0.25;
    private const double Interest = 0.3;

    // A draw of an unpublished, seen or blocked item is repeated. A place for popular items or interests that finds no item gets a uniform draw.
    private const int Tries = 12;

    private readonly HiddenWorld _world;
    private readonly WeightedSampler _popular;
    private readonly Dictionary<string, List<int>> _byTag = [];
    private readonly Dictionary<string, List<int>> _byCreator = [];
    private readonly Dictionary<string, List<int>> _bySong = [];
    private readonly string[] _creators;
    private readonly long[] _publishedAt;

    public LoggingPolicy(HiddenWorld world, IReadOnlyList<ItemDocument> items)
    {
        _world = world;
        _creators = new string[items.Count];
        _publishedAt = new long[items.Count];
        for (var i = 0; i < items.Count; i++)
        {
            _creators[i] = items[i].CreatorId;
            _publishedAt[i] = items[i].PublishedAt!.Value.UtcTicks;
            Post(_byCreator, items[i].CreatorId, i);
            if (items[i].SongId is { } song)
                Post(_bySong, song, i);
            foreach (var tag in items[i].Tags)
                Post(_byTag, tag, i);
        }
        _popular = new WeightedSampler(Popularity());
    }

    /// <summary>Draws the next item for a user, and marks it as seen.</summary>
    public int Next(UserDocument user, IReadOnlyList<List<int>> sources, HashSet<int> seen, DateTimeOffset at, RandomStream random)
    {
        var place = random.NextDouble();
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            int item;
            if (place < Popular)
            {
                item = _popular.Next(random);
            }
            else if (place < Popular + Interest && sources.Count > 0)
            {
                var source = sources[random.Next(sources.Count)];
                item = source[random.Next(source.Count)];
            }
            else
            {
                break;
            }
            if (IsEligible(item))
                return Take(item);
        }
        // This ends quickly: even a small world has far more items than the few hundred that one user sees.
        while (true)
        {
            var item = random.Next(_creators.Length);
            if (IsEligible(item))
                return Take(item);
        }

        bool IsEligible(int item) => _publishedAt[item] <= at.UtcTicks && !seen.Contains(item) && !user.BlockedCreatorIds.Contains(_creators[item]);

        int Take(int item)
        {
            seen.Add(item);
            return item;
        }
    }

    /// <summary>Items of each stated interest and follow of a user, one list for each.</summary>
    public List<List<int>> Sources(UserDocument user)
    {
        var sources = new List<List<int>>();
        Collect(_byTag, user.Interests?.Tags?.Keys);
        Collect(_bySong, user.Interests?.SongIds);
        Collect(_byCreator, user.Interests?.CreatorIds);
        Collect(_byCreator, user.Follows);
        return sources;

        void Collect(Dictionary<string, List<int>> index, IEnumerable<string>? keys)
        {
            foreach (var key in keys ?? [])
            {
                if (index.TryGetValue(key, out var items))
                    sources.Add(items);
            }
        }
    }

    // Popularity follows quality loosely: Zipf's law over an order by quality with noise.
    private double[] Popularity()
    {
        var random = new RandomStream(_world.Options.Seed, StreamPurpose.Events, index: -1);
        var order = new int[_creators.Length];
        var scores = new float[order.Length];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
            scores[i] = -(_world.ItemQuality[i] + random.Normal());
        }
        Array.Sort(scores, order);
        var weights = new double[order.Length];
        for (var rank = 0; rank < order.Length; rank++)
            weights[order[rank]] = Math.Pow(rank + 20, -0.9);
        return weights;
    }

    private static void Post(Dictionary<string, List<int>> index, string key, int item)
    {
        if (!index.TryGetValue(key, out var items))
            index[key] = items = [];
        items.Add(item);
    }
}
