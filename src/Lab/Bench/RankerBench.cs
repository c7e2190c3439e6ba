using System.Text.Json;
using KgOrleans.DemoWorld;
using KgOrleans.Inference.Bundles;
using KgOrleans.Kernels.Diversity;
using KgOrleans.Lab.Replay;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Scoring;
using KgOrleans.Ranking.Serving;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Lab.Bench;

/// <summary>One measurement of fine ranking or re-ranking.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Candidates">Items.</param>
/// <param name="Us">Median microseconds.</param>
/// <param name="UsACandidate">The one divided by the other.</param>
internal sealed record RankerTiming(string Name, int Candidates, double Us, double UsACandidate)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>One line.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);
}

/// <summary>
/// What a request costs from its candidates' columns to its page: the ranker with its parts, fusion and order, then re-ranking with the feed's rules and with
/// many.
/// </summary>
internal sealed class RankerBench
{
    private const int PageLength = 10;
    private const int LongPage = 100;
    private static readonly string[] Fields = ["creatorId", "songId", "kind"];

    private const int ManyRules = 8;
    private const int ManyRulesCandidates = 300;

    private readonly ModelBundle _model;
    private readonly UserSnapshot _user;
    private readonly ItemBlock _items;
    private readonly long _now;
    private readonly int _repeat;

    public RankerBench(DemoWorldData world, ModelBundle model, DateTimeOffset now, int candidates, int repeat)
    {
        (_model, _repeat, _now) = (model, repeat, now.ToUnixTimeMilliseconds());
        var engine = new ReplayEngine(ReplayDemoWorld.Of(world), new ReplayObjectives(model.Objectives), model.ContentDimension);
        engine.Run(_ => { });
        var user = engine.UserOf(world.Users[0].UserId);
        _user = UserSnapshot.Create(user.UserId, user.State, _now);
        _items = new ItemBlock(candidates, model.ContentDimension, 0);
        // Items from all over the catalogue, as recall brings them.
        for (var i = 0; i < candidates; i++)
            engine.CopyItem(_items, i, (int)((long)i * 7_919 % world.Items.Count), _now);
    }

    public IEnumerable<RankerTiming> Run(CancellationToken cancellation)
    {
        var context = new Inference.RequestContext(_now, Heads: _model.UserTower.Compute(_user, _now));
        var count = _items.Count;
        var logits = new float[count * _model.Objectives.Count];
        var scores = new float[count];
        var fusion = new FusionPlan(new FineRankSettings(), _model.Objectives);
        yield return Measure("ranker", count, () => _model.Ranker!.Score(_user, _items, context, logits));
        yield return Measure("of it features", count, () => _model.Ranker!.Fill(_user, _items, context));
        _model.Ranker!.Score(_user, _items, context, logits);
        var raw = (float[])logits.Clone();
        yield return Measure("fusion", count, () =>
        {
            raw.CopyTo(logits, 0);
            fusion.Fuse(logits, scores);
        });
        cancellation.ThrowIfCancellationRequested();
        yield return Measure("order", count, () => ScoreOrder.Of(_items.Rows, scores));
        var order = ScoreOrder.Of(_items.Rows, scores);
        foreach (var method in Enum.GetValues<DiversityMethod>())
        {
            cancellation.ThrowIfCancellationRequested();
            var (reRanker, input) = (new ReRanker(), Input(order, scores, new ReRankSettings { Diversity = method }, PageLength));
            yield return Measure($"re-rank to {PageLength}, {method.ToString().ToLowerInvariant()}", count, () => reRanker.Pick(input));
        }
        var many = Enumerable.Range(0, ManyRules)
            .Select(r => new WindowRule { Field = Fields[r % 3], Max = r % 3 == 2 ? 6 : 1 + (r / 3), In = 8 + r }).ToArray();
        var line = new RuleState();
        var asked = Input(order[..Math.Min(order.Length, ManyRulesCandidates)], scores, new ReRankSettings { Rules = many }, LongPage);
        var values = asked.Order.Select(i => scores[i]).ToArray();
        yield return Measure($"{ManyRules} rules alone, {LongPage} picks", asked.Order.Length, () =>
        {
            line.Begin(asked.Rules, asked.RuleItems, [], [], LongPage, []);
            while (!line.IsComplete)
                line.Place(line.Choose(values, out _));
        });
    }

    private ReRankInput Input(int[] order, float[] scores, ReRankSettings settings, int length)
    {
        var rules = new EffectiveScene(new SceneDocument { ReRank = settings }, 1).Rules;
        var relevance = order.Take(new FineRankSettings().Keep).Select(i => scores[i]).ToArray();
        RelevanceScale.Rescale(relevance);
        return new ReRankInput
        {
            Block = _items,
            Order = order,
            Keep = relevance.Length,
            Relevance = relevance,
            Diversity = new DiversitySettings(settings.Diversity, (float)settings.Theta, settings.Window, (float)settings.KindShare),
            Rules = rules,
            RuleItems = Array.ConvertAll(order, i => rules.Describe(in _items.Rows[i], _now)),
            Length = length,
        };
    }

    private RankerTiming Measure(string name, int candidates, Action work)
    {
        var us = BenchClock.Median(_repeat, work) * 1_000;
        return new RankerTiming(name, candidates, Math.Round(us, 1), Math.Round(us / candidates, 3));
    }
}
