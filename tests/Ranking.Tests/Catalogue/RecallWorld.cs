using KgOrleans.Kernels;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Items;

namespace KgOrleans.Ranking.Tests.Catalogue;

/// <summary>A random small catalogue with a request for it, and what naive code over the documents says round 1 must find.</summary>
internal sealed class RecallWorld
{
    public const int Dimension = 16;
    public const long Now = 1_770_000_000_000;
    public const long ScoreTime = Now - 30_000;
    public const long Oldest = Now - (92 * Day);
    private const long Day = 86_400_000;

    private readonly Random _random;

    public RecallWorld(int seed, int maxItems = 300)
    {
        _random = new Random(seed);
        var count = _random.Next(maxItems + 1);
        for (var i = 0; i < count; i++)
            Items.Add(NewItem(i));
        UserVector = _random.Next(8) == 0 ? [] : Vector();
        for (var i = _random.Next(12); i > 0; i--)
        {
            var field = (InterestField)_random.Next(1, 4);
            var prefix = field switch { InterestField.Tag => 't', InterestField.Song => 's', _ => 'c' };
            Interests.Add((field, $"{prefix}{_random.Next(10)}", _random.NextSingle()));
        }
        for (var i = _random.Next(40); i > 0; i--)
            Excluded.Add(ItemKey.Of($"i{_random.Next(400)}"));
        for (var i = _random.Next(3); i > 0; i--)
            Blocked.Add(ItemKey.Of($"c{_random.Next(12)}"));
        World = _random.Next(3) == 0 ? "other" : null;
        Quotas = [_random.Next(4) == 0 ? 0 : _random.Next(1, 60), _random.Next(4) == 0 ? 0 : _random.Next(1, 60), _random.Next(4) == 0 ? 0 : _random.Next(1, 400)];
    }

    public List<Item> Items { get; } = [];

    public float[] UserVector { get; set; }

    public List<(InterestField Field, string Id, float Weight)> Interests { get; } = [];

    public HashSet<ulong> Excluded { get; } = [];

    public HashSet<ulong> Blocked { get; } = [];

    public string? World { get; set; }

    public int[] Quotas { get; set; }

    public PartitionView Build(Func<ulong, bool>? holds = null)
    {
        var partition = new Partition(new PartitionSettings(4, Dimension, "space") { ChunkShift = 6 });
        foreach (var item in Items.Where(item => holds?.Invoke(item.Key) ?? true))
        {
            // Each work is written twice and some were deleted before, so that dead rows stand between the live ones.
            partition.Put(item.Document with { Hidden = false, Quality = 1, Tags = ["t0", "t1"] }, 0, item.Embedding);
            if (item.Key % 3 == 0)
                partition.Delete(item.Key);
            partition.Put(item.Document, 0, item.Embedding);
            foreach (var (type, value, at) in item.Events)
                partition.Count(item.Key, type, value, at);
            if (item.IsDeleted)
                partition.Delete(item.Key);
        }
        return partition.PublishView(1);
    }

    public RecallResult Recall(PartitionView view, ItemFilter? filter = null) => PartitionRecall.Run(view, new RecallRequest
    {
        Now = Now,
        ScoreTime = ScoreTime,
        OldestPublishedAt = Oldest,
        World = ItemKey.OfOptional(World),
        UserVector = UserVector,
        Interests = Interests.Select(i => new RecallInterest(ItemKey.Of(i.Id), i.Weight, i.Field)).ToArray(),
        ExcludedItems = Excluded.Concat(Excluded.Take(2)).ToArray(),
        ExcludedCreators = Blocked.ToArray(),
        Filter = filter,
        Quotas = Quotas,
    });

    /// <summary>The first reason to drop a work, in the order that the counts promise; "eligible" when there is none.</summary>
    public string FateOf(Item item, Func<ItemDocument, bool>? filter)
    {
        var d = item.Document;
        var published = d.PublishedAt?.ToUnixTimeMilliseconds();
        return d.WorldId != World ? "world"
            : d.Hidden == true ? "hidden"
            : d.ExpiresAt?.ToUnixTimeMilliseconds() <= Now ? "expired"
            : published > Now || published < Oldest ? "age"
            : Excluded.Contains(item.Key) ? "excluded"
            : Blocked.Contains(ItemKey.Of(d.CreatorId)) ? "blocked"
            : filter is not null && !filter(d) ? "filtered"
            : "eligible";
    }

    /// <summary>What re-scoring makes of a vector: both planes, the user in float32.</summary>
    public float ModelScore(Item item)
    {
        if (UserVector.Length == 0)
            return float.NaN;
        var (codes, residuals, restored) = (new sbyte[Dimension], new sbyte[Dimension], new float[Dimension]);
        var scale = Int8Rows.Quantise(item.Embedding, codes, residuals);
        Int8Rows.Dequantise(codes, residuals, 254, restored);
        return DotProduct.Single(UserVector, restored) * (scale / 254);
    }

    public float IndexScore(Item item)
    {
        var score = float.NaN;
        foreach (var (field, id, weight) in Interests)
        {
            var matches = field switch
            {
                InterestField.Tag => item.Document.Tags.Contains(id),
                InterestField.Song => item.Document.SongId == id,
                _ => item.Document.CreatorId == id,
            };
            var factor = field switch { InterestField.Tag => 1f, InterestField.Song => 1.5f, _ => 2f };
            if (matches)
                score = (float.IsNaN(score) ? 0 : score) + (weight * factor);
        }
        return score * (1 + Quality(item));
    }

    public float HotScore(Item item)
    {
        var counters = default(ItemCounters);
        foreach (var (type, value, at) in item.Events)
            counters.Add(type, value, at);
        return counters.Hot(ScoreTime) + (1e-3f * Quality(item));
    }

    private static float Quality(Item item) => (float)(item.Document.Quality ?? 0.5);

    private Item NewItem(int i)
    {
        var document = new ItemDocument
        {
            ItemId = $"i{i}",
            CreatorId = $"c{_random.Next(12)}",
            SongId = _random.Next(3) == 0 ? null : $"s{_random.Next(10)}",
            Kind = (ItemKind)_random.Next(6),
            Tags = [.. Enumerable.Range(0, _random.Next(12)).Select(_ => $"t{_random.Next(10)}").Distinct()],
            PublishedAt = _random.Next(6) switch
            {
                0 => null,
                1 => At(Now + 1),
                2 => At(Oldest - 1),
                3 => At(Oldest),
                _ => At(Now - (_random.Next(92) * Day)),
            },
            ExpiresAt = _random.Next(6) switch { 0 => At(Now), 1 => At(Now + 1), _ => null },
            Quality = _random.Next(3) == 0 ? null : _random.Next(4) / 4d,
            Hidden = _random.Next(8) == 0 ? true : null,
            WorldId = _random.Next(5) == 0 ? "other" : null,
        };
        var events = Enumerable.Range(0, _random.Next(5)).Select(_ => ((EventType)_random.Next(9), 1d, Now - _random.Next(100_000_000))).ToArray();
        return new Item(document, Vector(), events, _random.Next(10) == 0);
    }

    // Few distinct values: ties are common, so that the order by keys is tested as well.
    private float[] Vector()
    {
        if (_random.Next(10) == 0)
            return [float.NaN, .. new float[Dimension - 1]];
        var vector = new float[Dimension];
        for (var i = 0; i < vector.Length; i++)
            vector[i] = _random.Next(-1, 2) * (i < 3 ? 0.37f : 0);
        return vector;
    }

    private static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    public sealed record Item(ItemDocument Document, float[] Embedding, (EventType Type, double Value, long At)[] Events, bool IsDeleted)
    {
        public ulong Key { get; } = ItemKey.Of(Document.ItemId);
    }
}
