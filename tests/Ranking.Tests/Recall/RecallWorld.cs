using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Tests.Catalogue;

namespace KgOrleans.Ranking.Tests.Recall;

/// <summary>A random small catalogue with a request for it, and what naive code over the documents says round 1 must find.</summary>
internal sealed class RecallWorld
{
    public const int Dimension = 16;

    // No multiple of the padding, and another width than that of the towers.
    public const int HeadDimension = 20;
    public const long Now = 1_770_000_000_000;
    public const long ScoreTime = Now - 30_000;
    public const long Oldest = Now - (92 * Day);
    private const long Day = 86_400_000;

    /// <summary>What popularity is ordered by.</summary>
    public static readonly HotMoment Moment = HotMoment.Of(HotMoment.DefaultHours, ScoreTime);

    private readonly Random _random;
    private readonly Random _headRandom;

    public RecallWorld(int seed, int maxItems = 300)
    {
        _random = new Random(seed);
        _headRandom = new Random(~seed);
        RecallVector = _headRandom.Next(8) == 0 ? [] : Array.ConvertAll(HeadVector(), x => float.IsNaN(x) ? 0.5f : x);
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
            Excluded.Add(Key64.Of($"i{_random.Next(400)}"));
        for (var i = _random.Next(3); i > 0; i--)
            Blocked.Add(Key64.Of($"c{_random.Next(12)}"));
        // People are items, and blocked by the same ids.
        var people = new Random(seed + 1);
        for (var i = people.Next(8); i > 0; i--)
            Blocked.Add(Key64.Of($"i{people.Next(Math.Max(1, count))}"));
        if (people.Next(4) == 0)
            BlockedTag = $"t{people.Next(10)}";
        if (people.Next(4) == 0)
            BlockedSong = $"s{people.Next(10)}";
        World = _random.Next(3) == 0 ? "other" : null;
        Quotas = [Quota(60), Quota(60), Quota(400), Quota(60), Quota(60), Quota(60), Quota(60), new Random(seed + 2).Next(61)];
        for (var i = _random.Next(10); i > 0; i--)
        {
            var field = (InterestField)_random.Next(3, 6);
            var id = field switch
            {
                InterestField.Creator => $"c{_random.Next(12)}",
                InterestField.Community => $"g{_random.Next(6)}",
                _ => $"i{_random.Next(Math.Max(1, count))}",
            };
            Social.Add((field, id, _random.Next(1, 4)));
        }
        for (var i = _random.Next(5); i > 0; i--)
        {
            var field = (InterestField)_random.Next(1, 4);
            Continue.Add((field, $"{"?tsc"[(int)field]}{_random.Next(10)}", 1f / i));
        }
        Region = _random.Next(4) == 0 ? null : $"r{_random.Next(4)}";
        ColdStart = _random.Next(4) == 0 ? null
            : new ColdStartSettings { Impressions = _random.Next(1, 4), Days = _random.Next(1, 60), MinQuality = _random.Next(3) / 4d };
        var neighbours = new Random(seed + 3);
        for (var i = neighbours.Next(200); i > 0; i--)
            Similar[PartialKey.Of(Key64.Of($"i{neighbours.Next(400)}"))] = neighbours.NextSingle();
    }

    public List<(InterestField Field, string Id, float Weight)> Social { get; } = [];

    public List<(InterestField Field, string Id, float Weight)> Continue { get; } = [];

    /// <summary>Neighbours of what the user likes, by partial key.</summary>
    public Dictionary<ulong, float> Similar { get; } = [];

    public string? Region { get; set; }

    public ColdStartSettings? ColdStart { get; set; }

    public PreRanker Ranker { get; set; }

    public PreRankCalibration Calibration { get; set; } = new();

    public List<Item> Items { get; } = [];

    public float[] UserVector { get; set; }

    /// <summary>Whether the model channel scores by the vectors of a recall head.</summary>
    public bool HasHead { get; set; }

    public float[] RecallVector { get; set; }

    public List<(InterestField Field, string Id, float Weight)> Interests { get; } = [];

    public HashSet<ulong> Excluded { get; } = [];

    public HashSet<ulong> Blocked { get; } = [];

    public string? BlockedTag { get; set; }

    public string? BlockedSong { get; set; }

    public string? World { get; set; }

    public int[] Quotas { get; set; }

    /// <summary>Adds items until there are as many.</summary>
    public void Fill(int count)
    {
        while (Items.Count < count)
            Items.Add(NewItem(Items.Count));
    }

    public PartitionView Build(Func<ulong, bool>? holds = null)
    {
        var partition = new Partition(new PartitionSettings(4, Dimension, "space") { ChunkShift = 6, RecallDimension = HasHead ? HeadDimension : 0 });
        foreach (var item in Items.Where(item => holds?.Invoke(item.Key) ?? true))
        {
            // Each item is written twice and some were deleted before, so that dead rows stand between the live ones.
            partition.Put(item.Document with { Hidden = false, Quality = 1, Tags = ["t0", "t1"] }, 0, item.Embedding, recall: HasHead ? item.Recall : []);
            if (item.Key % 3 == 0)
                partition.Delete(item.Key);
            partition.Put(item.Document, 0, item.Embedding, recall: HasHead ? item.Recall : []);
            foreach (var (type, value, at) in item.Events)
            {
                partition.Count(item.Key, type, value, at);
                partition.CountFan(PartialKey.Of(item.Key), 3);
            }
            if (item.IsDeleted)
                partition.Delete(item.Key);
        }
        var view = partition.PublishView(1);
        var orders = ViewOrders.Of(view);
        // Views that were asked before answer from orders, long ones or such that end too early; others scan.
        orders.Length = Items.Count % 3 == 0 ? 20 : 100_000;
        for (var i = 0; i < 5 && Items.Count % 2 == 0; i++)
        {
            orders.Hot(view, Moment);
            if (ColdStart is { } settings)
                orders.Fresh(view, settings, ScoreTime);
        }
        return view;
    }

    public RecallResult Recall(PartitionView view, ItemFilter? filter = null, RecallPruning? pruning = null) =>
        PartitionRecall.Run(view, Request(filter, pruning));

    public RecallRequest Request(ItemFilter? filter = null, RecallPruning? pruning = null) => new()
    {
        Pruning = pruning,
        Ranker = Ranker,
        Scene = SampleRecallScene.Of(ColdStart, calibration: Calibration),
        Region = Key64.OfOptional(Region),
        Now = Now,
        ScoreTime = ScoreTime,
        OldestPublishedAt = Oldest,
        World = Key64.OfOptional(World),
        UserVector = UserVector,
        RecallVector = HasHead ? RecallVector : [],
        Interests =
        [
            [], Keyed(Interests), [], Keyed(Social), [], [], Keyed(Continue),
            [.. Similar.Select(s => new RecallInterest(s.Key, s.Value, InterestField.Item))],
        ],
        ExcludedItems = Excluded.Concat(Excluded.Take(2)).ToArray(),
        ExcludedCreators = Blocked.ToArray(),
        ExcludedTags = BlockedTag is null ? [] : [Key64.Of(BlockedTag)],
        ExcludedSongs = BlockedSong is null ? [] : [Key64.Of(BlockedSong)],
        Filter = filter,
        Quotas = Quotas,
    };

    /// <summary>What a channel must score an item; NaN when the channel does not find it.</summary>
    public float ScoreOf(RecallChannel channel, Item item) => channel switch
    {
        RecallChannel.Model => HasHead ? Score(RecallVector, item.Recall!) : ModelScore(item),
        RecallChannel.Index => SumOf(Interests, item, Moment),
        RecallChannel.Hot => HotScore(item),
        RecallChannel.Social => SumOf(Social, item),
        RecallChannel.Fresh => FreshScore(item),
        RecallChannel.Region => Region is not null && item.Document.Region == Region ? HotScore(item) : float.NaN,
        RecallChannel.Continue => SumOf(Continue, item),
        _ => Similar.TryGetValue(PartialKey.Of(item.Key), out var weight) ? weight * (1 / MathF.Sqrt((3 * item.Events.Length) + 20)) : float.NaN,
    };

    /// <summary>What pre-ranking must score an item.</summary>
    public float PreRankOf(Item item)
    {
        var d = item.Document;
        if (Ranker == PreRanker.Statistics)
        {
            var counters = CountersOf(item);
            var seen = Math.Max(counters.Impressions, Math.Max(counters.Plays, counters.Likes)) + 20f;
            return Math.Min(1, (counters.Plays + 6) / seen) + (2 * Math.Min(1, (counters.Likes + 1) / seen)) + (0.1f * MathF.Log2(1 + counters.Hot(ScoreTime)));
        }
        var added = 0f;
        if (Calibration.Freshness != 0 && d.PublishedAt is { } at)
            added += (float)Calibration.Freshness * (float)Math.Pow(
                2, -Math.Max(0, ScoreTime - at.ToUnixTimeMilliseconds()) / (Calibration.FreshnessHalfLifeDays * 86_400_000));
        added += (float)Calibration.Quality * (Quality(item) - 0.5f);
        added += (float)Calibration.Tones.GetValueOrDefault(d.Tone ?? "");
        added += (float)Calibration.Creators.GetValueOrDefault(d.CreatorId);
        return ModelScore(item) + added;
    }

    /// <summary>The first reason to drop an item, in the order that the counts promise; "eligible" when there is none.</summary>
    public string FateOf(Item item, Func<ItemDocument, bool>? filter)
    {
        var d = item.Document;
        var published = d.PublishedAt?.ToUnixTimeMilliseconds();
        return d.WorldId != World ? "world"
            : d.Hidden == true ? "hidden"
            : d.ExpiresAt?.ToUnixTimeMilliseconds() <= Now ? "expired"
            : published > Now || published < Oldest ? "age"
            : Excluded.Contains(item.Key) ? "excluded"
            : Blocked.Contains(Key64.Of(d.CreatorId)) || (d.Kind == ItemKind.User && Blocked.Contains(item.Key))
                || (BlockedTag is not null && d.Tags.Contains(BlockedTag)) || (BlockedSong is not null && d.SongId == BlockedSong) ? "blocked"
            : filter is not null && !filter(d) ? "filtered"
            : "eligible";
    }

    /// <summary>What re-scoring makes of a vector: both planes, the user in float32.</summary>
    public float ModelScore(Item item) => Score(UserVector, item.Embedding);

    private static float Score(float[] user, float[] vector)
    {
        if (user.Length == 0)
            return float.NaN;
        // Rows are padded to a multiple of 16 components.
        var width = (vector.Length + 15) / 16 * 16;
        var (codes, residuals, restored, padded) = (new sbyte[vector.Length], new sbyte[vector.Length], new float[width], new float[width]);
        var scale = Int8Rows.Quantise(vector, codes, residuals);
        Int8Rows.Dequantise(codes, residuals, 254, restored.AsSpan(0, vector.Length));
        user.CopyTo(padded, 0);
        return DotProduct.Single(padded, restored) * (scale / 254);
    }

    public static ItemCounters CountersOf(Item item)
    {
        var counters = default(ItemCounters);
        foreach (var (type, value, at) in item.Events)
            counters.Add(type, value, at);
        return counters;
    }

    private static float HotScore(Item item) => CountersOf(item).HotOrder(Moment, Quality(item));

    /// <summary>
    /// The sum of the weights of the interests that an item meets, in the whole numbers that docs/recall.md defines, times (1 + quality), and in the index
    /// channel, which has a moment, times the prior; NaN for none.
    /// </summary>
    public static float SumOf(IReadOnlyList<(InterestField Field, string Id, float Weight)> interests, Item item, HotMoment? moment = null)
    {
        // The largest power of two at which all weights together stay below 2^30, or below 2^22 where tags count by shares of 256.
        var most = moment is null ? 1 << 30 : 1 << 22;
        var share = (long)Math.Round(256 / Math.Sqrt(Math.Max(1, item.Document.Tags.Count)));
        var total = interests.Sum(i => (double)(i.Weight * FactorOf(i.Field)));
        var scale = 1.0;
        while (total > 0 && total * scale * 2 < most)
            scale *= 2;
        while (total * scale >= most)
            scale /= 2;
        var sum = 0L;
        foreach (var (field, id, weight) in interests)
        {
            var matches = field switch
            {
                InterestField.Tag => item.Document.Tags.Contains(id),
                InterestField.Song => item.Document.SongId == id,
                InterestField.Creator => item.Document.CreatorId == id,
                InterestField.Community => item.Document.CommunityIds.Contains(id),
                _ => item.Document.ItemId == id,
            };
            if (matches)
                sum += Math.Max(1, (long)Math.Round(weight * FactorOf(field) * scale)) * (moment is null ? 1 : field == InterestField.Tag ? share : 256);
        }
        if (moment is not null)
            scale *= 256;
        var score = sum * (float)(1 / scale) * (1 + Quality(item));
        return sum == 0 ? float.NaN : moment is null ? score : score * (1 + MathF.Log2(1 + CountersOf(item).Evidence));
    }

    private static float FactorOf(InterestField field) => field switch { InterestField.Song => 1.5f, InterestField.Creator => 2f, _ => 1f };

    private float FreshScore(Item item)
    {
        var age = ScoreTime - item.Document.PublishedAt?.ToUnixTimeMilliseconds();
        var impressions = CountersOf(item).Impressions;
        if (ColdStart is null || age is not >= 0 || age > ColdStart.Days * Day || item.Document.Quality < ColdStart.MinQuality
            || impressions >= ColdStart.Impressions)
            return float.NaN;
        return (ColdStart.Impressions - impressions) / (float)ColdStart.Impressions * (0.5f + (0.5f * Quality(item)));
    }

    private static RecallInterest[] Keyed(List<(InterestField Field, string Id, float Weight)> interests) =>
        [.. interests.Select(i => new RecallInterest(Key64.Of(i.Id), i.Weight, i.Field))];

    private int Quota(int most) => _random.Next(4) == 0 ? 0 : _random.Next(1, most);

    private static float Quality(Item item) => (float)(item.Document.Quality ?? 0.5);

    private Item NewItem(int i)
    {
        var document = new ItemDocument
        {
            ItemId = $"i{i}",
            CreatorId = $"c{_random.Next(12)}",
            SongId = _random.Next(3) == 0 ? null : $"s{_random.Next(10)}",
            Kind = (ItemKind)_random.Next(6),
            Region = _random.Next(4) == 0 ? null : $"r{_random.Next(4)}",
            Tone = _random.Next(3) == 0 ? null : $"tone{_random.Next(3)}",
            CommunityIds = [.. Enumerable.Range(0, _random.Next(3)).Select(_ => $"g{_random.Next(6)}").Distinct()],
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
        var events = Enumerable.Range(0, _random.Next(5)).Select(_ => ((EventType)_random.Next(10), 1d, Now - _random.Next(100_000_000))).ToArray();
        return new Item(document, Vector(), events, _random.Next(10) == 0, HeadVector());
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

    // Scores of many values and a few that tie.
    private float[] HeadVector()
    {
        var vector = new float[HeadDimension];
        for (var i = 0; i < vector.Length; i++)
            vector[i] = i < 4 ? _headRandom.Next(-1, 2) * 0.37f : i > 16 ? _headRandom.Next(3) == 0 ? _headRandom.NextSingle() - 0.5f : 0 : 0;
        if (_headRandom.Next(10) == 0)
            vector[_headRandom.Next(HeadDimension)] = float.NaN;
        return vector;
    }

    private static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    public sealed record Item(ItemDocument Document, float[] Embedding, (EventType Type, double Value, long At)[] Events, bool IsDeleted,
        float[]? Recall = null)
    {
        public ulong Key { get; } = Key64.Of(Document.ItemId);
    }
}
