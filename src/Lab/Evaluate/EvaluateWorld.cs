using System.Diagnostics;
using KgOrleans.DemoWorld;
using KgOrleans.Inference.Bundles;
using KgOrleans.Lab.Replay;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Scoring;
using KgOrleans.Ranking.Serving;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Lab.Evaluate;

/// <summary>
/// Ranks the demo world's catalogue for users that no model was trained on, and measures the lists against the truth that only the generator knows: nothing
/// that was or was not shown biases the answer.
/// </summary>
internal sealed class EvaluateWorld
{
    private const int PageSize = 10;
    private const int Retrieved = 50;

    // The hour at which users are asked, after the world's last midnight: most listening is in the evening (UTC+8).
    private static readonly TimeSpan AskedAt = TimeSpan.FromHours(13);

    private readonly DemoWorldData _world;
    private readonly ModelBundle _bundle;
    private readonly EffectiveScene _scene = EffectiveScene.BuiltIn[BuiltInScenes.Feed];
    private readonly ReplayEngine _engine;
    private readonly EvaluateItemKnn _knn;
    private readonly DateTimeOffset _at;
    private readonly long _now;
    private readonly int _count;
    private readonly ItemBlock _items;
    private readonly FusionPlan _fusion;
    private readonly Dictionary<string, (double Sum, long Weight)> _gauc = [];
    private readonly Stopwatch _ranking = new();
    private long _ranked;

    /// <summary>Prepares an evaluation; replays the world's events.</summary>
    public EvaluateWorld(DemoWorldData world, ModelBundle bundle, DateTimeOffset now)
    {
        _world = world;
        _bundle = bundle;
        _at = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero) + AskedAt;
        _now = _at.ToUnixTimeMilliseconds();
        _count = world.Items.Count;
        _engine = new ReplayEngine(ReplayDemoWorld.Of(world), new ReplayObjectives(bundle.Objectives), bundle.ContentDimension);
        _knn = new EvaluateItemKnn(_count);
        _fusion = new FusionPlan(_scene.Document.FineRank, bundle.Objectives);
        _engine.Run(ScoreLogged);
        foreach (var e in world.Events)
        {
            if (e.Type == EventType.Play && e.Value >= EventTypes.ValidPlay)
                _knn.Add(e.UserId, _engine.Catalogue.Find(Key64.Of(e.ItemId)));
        }
        // Rows of the catalogue are in the order of the world's items, so that one index serves both.
        _items = new ItemBlock(_count, bundle.ContentDimension, bundle.EmbeddingDimension);
        var row = new ItemBlock(1, bundle.ContentDimension, 0);
        for (var i = 0; i < _count; i++)
        {
            _engine.CopyItem(row, 0, i, _now);
            _items.CopyRow(i, row, 0);
        }
        bundle.ItemTower.Compute(_items, _items.Embeddings);
    }

    /// <summary>The catalogue, a row an item.</summary>
    public ItemBlock Items => _items;

    /// <summary>When users are asked, unix milliseconds.</summary>
    public long Now => _now;

    /// <summary>A user's candidates as a page would be made from them: the best by towers, in the order of the ranker, beside the truth.</summary>
    /// <param name="user">Index into the world's users.</param>
    /// <param name="size">Most candidates.</param>
    public EvaluatePool PoolOf(int user, int size)
    {
        var replayed = _engine.UserOf(_world.Users[user].UserId);
        var snapshot = UserSnapshot.Create(replayed.UserId, replayed.State, _now);
        var eligible = Eligible(replayed, snapshot);
        var utility = new float[_count];
        _world.Truth.Utilities(user, _at, utility);
        var scores = new float[_count];
        Dots(UserVector(snapshot), _items.Embeddings, _items.EmbeddingDimension, scores);
        var rows = EvaluateMetrics.Top(scores, eligible, size);
        var fused = Fuse(snapshot, rows);
        var order = EvaluateMetrics.Top(fused, [.. Enumerable.Range(0, rows.Length)], rows.Length);
        return new EvaluatePool(
            Array.ConvertAll(order, i => rows[i]), Array.ConvertAll(order, i => fused[i]), Array.ConvertAll(order, i => utility[rows[i]]),
            Array.ConvertAll(EvaluateMetrics.Top(utility, eligible, PageSize), row => utility[row]));
    }

    /// <summary>Measures every method.</summary>
    public EvaluateResult Run(CancellationToken cancellation)
    {
        var users = Enumerable.Range(0, _world.Users.Count).Where(u => HoldOut.IsHeldOut(_world.Users[u].UserId)).ToArray();
        (string Name, bool IsBaseline)[] names =
        [
            ("popularity: plays", true), ("popularity: hot", true), ("item-kNN", true), ("content", true), ("two towers", false),
            ("two towers + ranker", false), ("oracle", false),
        ];
        var methods = Array.ConvertAll(names, n => new EvaluateMethod(n.Name, n.IsBaseline, new double[users.Length], new double[users.Length]));
        var plays = new float[_count];
        var hot = new float[_count];
        for (var i = 0; i < _count; i++)
            (plays[i], hot[i]) = (_items.Rows[i].Plays, _items.Rows[i].Hot);
        var utility = new float[_count];
        var scores = new float[_count];
        for (var n = 0; n < users.Length; n++)
        {
            cancellation.ThrowIfCancellationRequested();
            var user = _engine.UserOf(_world.Users[users[n]].UserId);
            var snapshot = UserSnapshot.Create(user.UserId, user.State, _now);
            var eligible = Eligible(user, snapshot);
            _world.Truth.Utilities(users[n], _at, utility);
            var best = EvaluateMetrics.Top(utility, eligible, Retrieved);
            var wanted = best.ToHashSet();

            Measure(0, EvaluateMetrics.Top(plays, eligible, Retrieved));
            Measure(1, EvaluateMetrics.Top(hot, eligible, Retrieved));
            _knn.Score(user.UserId, plays, scores);
            Measure(2, EvaluateMetrics.Top(scores, eligible, Retrieved));
            Dots(snapshot.ContentLong, _items.Content, _items.ContentDimension, scores);
            Measure(3, EvaluateMetrics.Top(scores, eligible, Retrieved));
            Dots(UserVector(snapshot), _items.Embeddings, _items.EmbeddingDimension, scores);
            var kept = EvaluateMetrics.Top(scores, eligible, _scene.Document.PreRank.Keep);
            Measure(4, kept.AsSpan(0, Retrieved));
            Measure(5, Rank(snapshot, kept));
            Measure(6, best);

            void Measure(int method, ReadOnlySpan<int> list)
            {
                Span<float> gains = stackalloc float[PageSize];
                Span<float> ideal = stackalloc float[PageSize];
                for (var i = 0; i < PageSize; i++)
                    (gains[i], ideal[i]) = (utility[list[i]], utility[best[i]]);
                methods[method].Ndcg[n] = EvaluateMetrics.Ndcg(gains, ideal);
                methods[method].Recall[n] = EvaluateMetrics.Recall(list, wanted);
            }
        }
        return new EvaluateResult(
            _world.WorldId, _bundle.Version, users.Length, methods, _gauc.ToDictionary(
                g => g.Key, g => g.Value.Sum / g.Value.Weight), _ranking.Elapsed.TotalMicroseconds / Math.Max(1, _ranked));
    }

    private void ScoreLogged(ReplayedRequest request)
    {
        if (!HoldOut.IsHeldOut(request.User.UserId))
            return;
        var k = _bundle.Objectives.Count;
        var logits = new float[request.Items.Count * k];
        _bundle.Ranker!.Score(request.User, request.Items, ContextOf(request.User, request.At), logits);
        var scores = new float[request.Items.Count];
        var labels = new bool[request.Items.Count];
        for (var o = 0; o < k; o++)
        {
            for (var i = 0; i < scores.Length; i++)
                (scores[i], labels[i]) = (logits[(i * k) + o], request.Labels[i][o] != 0);
            if (EvaluateMetrics.Auc(scores, labels) is not { } auc)
                continue;
            var (sum, weight) = _gauc.GetValueOrDefault(_bundle.Objectives[o]);
            _gauc[_bundle.Objectives[o]] = (sum + (auc * scores.Length), weight + scores.Length);
        }
    }

    private int[] Eligible(ReplayUser user, UserSnapshot snapshot)
    {
        var seen = user.Seen.Select(_scene.Seen, _now).ToHashSet();
        var blocked = snapshot.Blocked.ToHashSet();
        var oldest = _at.AddDays(-_scene.Document.Discovery.AgeWindowDays).ToUnixTimeMilliseconds();
        var rows = new List<int>(_count);
        for (var i = 0; i < _count; i++)
        {
            ref readonly var item = ref _items.Rows[i];
            if (item.PublishedAt <= _now && item.PublishedAt >= oldest && !seen.Contains(item.Key) && !blocked.Contains(item.Creator))
                rows.Add(i);
        }
        return [.. rows];
    }

    private float[] UserVector(UserSnapshot user)
    {
        var vector = new float[_bundle.EmbeddingDimension];
        Inference.ScenePreRank.Fuse(_bundle.UserTower.Compute(user, _now), _bundle.HeadObjectives, _scene.Document.PreRank.Weights, vector);
        return vector;
    }

    private Inference.RequestContext ContextOf(UserSnapshot user, long at) => new(at, Heads: _bundle.UserTower.Compute(user, at));

    private int[] Rank(UserSnapshot user, int[] rows) =>
        Array.ConvertAll(EvaluateMetrics.Top(Fuse(user, rows), [.. Enumerable.Range(0, rows.Length)], Retrieved), i => rows[i]);

    private float[] Fuse(UserSnapshot user, int[] rows)
    {
        var block = new ItemBlock(rows.Length, _items.ContentDimension, _items.EmbeddingDimension);
        for (var i = 0; i < rows.Length; i++)
            block.CopyRow(i, _items, rows[i]);
        var k = _bundle.Objectives.Count;
        var logits = new float[rows.Length * k];
        var context = ContextOf(user, _now);
        _ranking.Start();
        _bundle.Ranker!.Score(user, block, context, logits);
        _ranking.Stop();
        _ranked += rows.Length;
        var fused = new float[rows.Length];
        _fusion.Fuse(logits, fused);
        return fused;
    }

    private static void Dots(ReadOnlySpan<float> vector, ReadOnlySpan<float> rows, int dimension, Span<float> scores)
    {
        scores.Clear();
        for (var i = 0; vector.Length == dimension && i < scores.Length; i++)
        {
            var row = rows.Slice(i * dimension, dimension);
            var sum = 0f;
            for (var d = 0; d < row.Length; d++)
                sum += vector[d] * row[d];
            scores[i] = sum;
        }
    }
}
