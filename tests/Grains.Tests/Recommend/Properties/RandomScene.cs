using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Grains.Tests.Recommend.Properties;

/// <summary>A random scene with the meaning of its filters.</summary>
internal sealed class RandomScene
{
    private static readonly string[] Fields = ["creatorId", "songId", "kind"];
    private readonly Random _random;
    private readonly RandomWorld _world;
    private readonly TestFilter? _filter;
    private readonly (TestFilter Filter, double Weight)[] _traffic;

    public RandomScene(string name, RandomWorld world, Random random)
    {
        (_world, _random) = (world, random);
        _filter = Maybe(4) ? TestFilter.Random(random) : null;
        _traffic = [.. Times(2).Select(_ => (TestFilter.Random(random), Pick(0, 0.1, 0.5, 3.0)))];
        RuleFilters = [.. Times(4).Select(_ => Maybe(3) ? TestFilter.Random(random) : null)];
        ShareFilters = [.. Times(3).Select(_ => Maybe(2) ? TestFilter.Random(random) : null)];
        // The fresh channel may be silent without cold start; the hot one always finds something.
        var recall = new RecallSettings
        {
            Model = Channel(0, 50, 400),
            Index = Channel(0, 50, 400),
            Hot = Hot(Channel(30, 100, 800)),
            Social = Channel(0, 30, 300),
            Fresh = Channel(10, 100),
            Region = Channel(10, 100),
            Continue = Channel(0, 30, 100),
        };
        var merge = Pick(80, 200, 600);
        var keep = Math.Min(merge, Pick(40, 100, 300));
        Document = new SceneDocument
        {
            Scene = name,
            Discovery = new DiscoverySettings
            {
                AgeWindowDays = Pick(20, 60, 92),
                Kinds = Maybe(4) ? [ItemKind.Audio, ItemKind.Live] : null,
                MinQuality = Pick(0, 0, 0.2),
                Filter = _filter?.Json,
                CreatorCap = Pick(0, 0, 2, 5),
                ColdStart = Maybe(2) ? new() : null,
                ExcludeFollowed = Maybe(4),
                ExcludeInteracted = Maybe(3) ? Pick<IReadOnlyList<EventType>>([EventType.Like], [EventType.Play, EventType.Share]) : [],
            },
            Traffic = [.. _traffic.Select(t => new TrafficClass { Filter = t.Filter.Json, Weight = t.Weight })],
            Recall = recall,
            PreRank = new PreRankSettings
            {
                Ranker = Any<PreRanker>(),
                Fallback = Pick(PreRanker.RecallScore, PreRanker.Statistics),
                Diversity = Any<DiversityMethod>(),
                Merge = merge,
                DiversePicks = Math.Min(merge, Pick(0, 20, 64)),
                Keep = keep,
                Window = Pick(2, 16),
                Theta = Theta(),
                CreatorCap = Pick(2, 8),
                Calibration = new PreRankCalibration { Freshness = Pick(0.0, 1.0), Quality = Pick(0.0, 2.0), Tones = Weights("t1"), Creators = Weights("c1") },
            },
            FineRank = new FineRankSettings
            {
                Keep = Math.Min(keep, Pick(20, 60, 100)),
                AdaptiveWidth = null,
                Fusion = new FusionSettings { Blend = Pick(0, 0.5), Sum = new Dictionary<string, double> { ["like"] = 1 } },
            },
            ReRank = new ReRankSettings
            {
                Diversity = Any<DiversityMethod>(),
                Theta = Theta(),
                BreadthEffect = Pick(-0.5, 0, 0.5),
                Window = Pick(2, 10, 20),
                KindShare = Pick(0, 0.1, 0.5),
                ListWise = Maybe(3),
                Boosts = [.. Times(2).Select(_ => new Boost { Filter = TestFilter.Random(random).Json, Factor = Pick(0.2, 2, 5) })],
                Rules = [.. RuleFilters.Select(Rule)],
                Shares = [.. ShareFilters.Select(f => Share(f, recall))],
                Pins = [.. Times(3)
                    .Select(
                        i => new Pin(world.Items.Where(w => !world.Deleted.Contains(w.ItemId)).ElementAt(random.Next(600)).ItemId, (4 * i) + random.Next(4)))
                    .DistinctBy(p => p.ItemId)],
            },
            Exploration = new ExplorationSettings { Share = Pick(0, 0, 0.5, 1), Temperature = Pick(0.1, 1) },
            Seen = new SeenSettings
            {
                Types = Pick<IReadOnlyList<EventType>>(
                    [EventType.Impression, EventType.Play], [EventType.Impression, EventType.Play, EventType.Like, EventType.Share], [EventType.Like]),
                Days = Pick(0.2, 5, 30),
                Max = Pick(8, 20_000),
            },
        };
    }

    public SceneDocument Document { get; }

    /// <summary>Beside each window rule its filter; null for a rule with a field.</summary>
    public TestFilter?[] RuleFilters { get; }

    /// <summary>Beside each minimum share its filter; null for one with a channel.</summary>
    public TestFilter?[] ShareFilters { get; }

    /// <summary>Whether an item may be shown to a user at a time: live, admitted, unseen.</summary>
    public bool MayShow(ItemDocument item, string userId, DateTimeOffset now)
    {
        var (discovery, seen) = (Document.Discovery, Document.Seen);
        return _world.IsLive(item, userId, now)
            && !(item.PublishedAt < now.AddDays(-discovery.AgeWindowDays))
            && (discovery.Kinds?.Contains(item.Kind) ?? true)
            && !(item.Quality < discovery.MinQuality)
            && (_filter?.Matches(item, now) ?? true)
            && !(discovery.ExcludeFollowed && _world.Follows(userId).Contains(item.CreatorId))
            && !_world.Met(userId, discovery.ExcludeInteracted).Any(e => e.ItemId == item.ItemId)
            && !_traffic.Any(t => t.Weight == 0 && t.Filter.Matches(item, now))
            && !_world.Met(userId, seen.Types).Where(e => e.Timestamp >= now.AddDays(-seen.Days)).Take(seen.Max).Any(e => e.ItemId == item.ItemId);
    }

    /// <summary>Items that the session showed, oldest first, as far back as windows look.</summary>
    public List<string> Session(string userId, DateTimeOffset now)
    {
        var lookBack = Math.Max(Document.ReRank.Window, Document.ReRank.Rules.Select(r => r.In).DefaultIfEmpty(0).Max()) - 1;
        var (session, last) = (new List<string>(), now);
        foreach (var met in _world.Met(userId, Document.Seen.Types).Take(lookBack))
        {
            if (last - met.Timestamp > TimeSpan.FromMinutes(30))
                break;
            session.Insert(0, met.ItemId);
            last = met.Timestamp!.Value;
        }
        return session;
    }

    private WindowRule Rule(TestFilter? filter)
    {
        var length = Pick(2, 3, 5, 10);
        return new WindowRule
        {
            Field = filter is null ? Fields[_random.Next(3)] : null,
            Filter = filter?.Json,
            Max = _random.Next(filter is null ? 1 : 0, length),
            In = length,
        };
    }

    private ShareRule Share(TestFilter? filter, RecallSettings recall)
    {
        var on = Enum.GetValues<RecallChannel>().Where(c => recall.Of(c).Quota > 0).ToArray();
        var length = Pick(3, 5, 10);
        return new ShareRule
        {
            Channel = filter is null ? on[_random.Next(on.Length)] : null,
            Filter = filter?.Json,
            Min = _random.Next(1, (length / 2) + 1),
            In = length,
        };
    }

    // No channel is ever late: what is tested is what a page is when everything answers.
    private ChannelSettings Channel(params int[] quotas)
    {
        var quota = Pick(quotas);
        return new() { Quota = quota, MinKeep = Math.Min(quota, 8), TimeoutMs = 30_000, Weight = Pick(0.5, 1) };
    }

    private HotSettings Hot(ChannelSettings channel) => new()
    {
        Quota = channel.Quota,
        MinKeep = channel.MinKeep,
        TimeoutMs = channel.TimeoutMs,
        Weight = channel.Weight,
        HalfLifeHours = Pick(6.0, 30, 72, 500),
    };

    private Dictionary<string, double> Weights(string id) => Maybe(3) ? new() { [id] = 0.5 } : [];

    private double Theta() => Math.Round(_random.NextDouble() * 0.95, 2);

    private bool Maybe(int oneIn) => _random.Next(oneIn) == 0;

    private IEnumerable<int> Times(int most) => Enumerable.Range(0, _random.Next(most + 1));

    private T Any<T>()
        where T : struct, Enum => Pick(Enum.GetValues<T>());

    private T Pick<T>(params T[] values) => values[_random.Next(values.Length)];
}
