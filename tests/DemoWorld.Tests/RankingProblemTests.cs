using System.Globalization;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;

namespace KgOrleans.DemoWorld.Tests;

/// <summary>That the world poses a ranking problem: personal, learnable from what is observed, not solved by popularity nor by content alone.</summary>
[Trait("Suite", "Unit")]
public sealed class RankingProblemTests(DefaultWorld world, ITestOutputHelper output) : IClassFixture<DefaultWorld>
{
    private const int PageSize = 10;
    private const int SampledUsers = 200;

    private readonly DemoWorldData _data = world.Data;

    [Fact]
    public void Base_rates_are_those_of_a_real_feed()
    {
        double impressions = Count(EventType.Impression);
        var plays = _data.Events.Count(e => e.Type == EventType.Play && e.Value >= EventTypes.ValidPlay) / impressions;
        var likes = Count(EventType.Like) / impressions;
        var shares = Count(EventType.Share) / impressions;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"generated in {world.GenerationTime.TotalSeconds:0.00} s; {_data.Events.Count} events, {impressions} impressions; per impression: play {plays:0.0000}, like {likes:0.0000}, share {shares:0.0000}"));
        foreach (var type in Enum.GetValues<EventType>())
            output.WriteLine($"{type} {Count(type)}");
        Assert.InRange(plays, 0.25, 0.35);
        Assert.InRange(likes, 0.06, 0.10);
        Assert.InRange(shares, 0.01, 0.03);
    }

    [Fact]
    public void The_truth_tells_plays_from_the_rest_of_the_log()
    {
        var played = ValidPlays();
        var hits = new List<float>();
        var misses = new List<float>();
        foreach (var e in _data.Events)
        {
            if (e.Type != EventType.Impression)
                continue;
            var chance = _data.Truth.Chances(DefaultWorld.Index(e.UserId), DefaultWorld.Index(e.ItemId), e.Timestamp!.Value).Play;
            (played.Contains((e.UserId, e.ItemId)) ? hits : misses).Add(chance);
        }
        var auc = Auc(hits, misses);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"AUC of the truth on logged impressions {auc:0.0000}"));
        // Not more than 0.9: what people do is not certain even to those who know them.
        Assert.InRange(auc, 0.78, 0.90);
    }

    [Fact]
    public void Truth_beats_latent_taste_which_beats_content_which_beats_popularity()
    {
        var popularity = new float[_data.Items.Count];
        var positives = new Dictionary<int, List<int>>();
        foreach (var e in _data.Events)
        {
            if (e.Type != EventType.Play || e.Value < EventTypes.ValidPlay)
                continue;
            var item = DefaultWorld.Index(e.ItemId);
            popularity[item]++;
            var user = DefaultWorld.Index(e.UserId);
            if (!positives.TryGetValue(user, out var list))
                positives[user] = list = [];
            list.Add(item);
        }
        var utility = new float[_data.Items.Count];
        var scores = new float[_data.Items.Count];
        double byPopularity = 0, byLatent = 0, byContent = 0;
        for (var n = 0; n < SampledUsers; n++)
        {
            var user = n * (_data.Users.Count / SampledUsers);
            _data.Truth.Utilities(user, DefaultWorld.Now, utility);
            byPopularity += Ndcg(popularity, utility);
            _data.Truth.LatentScores(user, scores);
            byLatent += Ndcg(scores, utility);
            NearestToLiked(positives[user], scores);
            byContent += Ndcg(scores, utility);
        }
        byPopularity /= SampledUsers;
        byLatent /= SampledUsers;
        byContent /= SampledUsers;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"NDCG@10 of truth utility: popularity {byPopularity:0.000}, mean liked content {byContent:0.000}, <p,q> {byLatent:0.000}, truth 1"));
        Assert.True(byPopularity < 0.5, $"popularity {byPopularity}");
        Assert.True(byContent > byPopularity + 0.05, $"content {byContent}, popularity {byPopularity}");
        Assert.True(byLatent > byContent + 0.03, $"latent {byLatent}, content {byContent}");
        Assert.True(byLatent < 0.9, $"latent {byLatent}");
    }

    private int Count(EventType type) => _data.Events.Count(e => e.Type == type);

    private HashSet<(string User, string Item)> ValidPlays() =>
        _data.Events.Where(e => e.Type == EventType.Play && e.Value >= EventTypes.ValidPlay).Select(e => (e.UserId, e.ItemId)).ToHashSet();

    private void NearestToLiked(List<int> liked, float[] scores)
    {
        var mean = new float[_data.Items[0].Vectors![ItemValidator.ContentVector].Length];
        foreach (var item in liked)
        {
            var content = _data.Items[item].Vectors![ItemValidator.ContentVector];
            for (var c = 0; c < mean.Length; c++)
                mean[c] += content[c];
        }
        for (var i = 0; i < scores.Length; i++)
        {
            var content = _data.Items[i].Vectors![ItemValidator.ContentVector];
            scores[i] = 0;
            for (var c = 0; c < mean.Length; c++)
                scores[i] += mean[c] * content[c];
        }
    }

    private static double Ndcg(float[] scores, float[] gains)
    {
        var ranked = Top(scores);
        var ideal = Top(gains);
        double dcg = 0, best = 0;
        for (var position = 0; position < PageSize; position++)
        {
            dcg += gains[ranked[position]] / Math.Log2(position + 2);
            best += gains[ideal[position]] / Math.Log2(position + 2);
        }
        return dcg / best;
    }

    private static int[] Top(float[] scores)
    {
        var best = new PriorityQueue<int, float>();
        for (var i = 0; i < scores.Length; i++)
        {
            if (best.Count < PageSize)
                best.Enqueue(i, scores[i]);
            else
                best.EnqueueDequeue(i, scores[i]);
        }
        var top = new int[PageSize];
        for (var position = PageSize - 1; position >= 0; position--)
            top[position] = best.Dequeue();
        return top;
    }

    private static double Auc(List<float> hits, List<float> misses)
    {
        var all = hits.Select(s => (Score: s, Hit: true)).Concat(misses.Select(s => (Score: s, Hit: false))).OrderBy(x => x.Score).ToList();
        double below = 0, wins = 0;
        foreach (var (_, hit) in all)
        {
            if (hit)
                wins += below;
            else
                below++;
        }
        return wins / ((double)hits.Count * misses.Count);
    }
}
