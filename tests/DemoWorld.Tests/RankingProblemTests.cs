using System.Globalization;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;

namespace KgOrleans.DemoWorld.Tests;

/// <summary>That the world poses a ranking problem: personal, learnable from what is observed, not solved by popularity nor by content alone.</summary>
[Trait("Suite", "Unit")]
public sealed class RankingProblemTests(DefaultWorld world, ITestOutputHelper output)
{
    private const int PageSize = 10;
    private const int SampledUsers = 200;

    private readonly DemoWorldData _data = world.Data;
    private readonly float[][] _content = [.. world.Data.Items.Select(i => i.Vectors![ItemValidator.ContentVector])];

    [Fact]
    public void Base_rates_are_those_of_a_real_feed()
    {
        double impressions = Count(EventType.Impression);
        var plays = _data.Events.Count(e => e.Type == EventType.Play && e.Value >= EventTypes.ValidPlay) / impressions;
        var likes = Count(EventType.Like) / impressions;
        var shares = Count(EventType.Share) / impressions;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"generated in {world.Generation}; {_data.Events.Count} events, {impressions} impressions"));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"per impression: play {plays:0.0000}, like {likes:0.0000}, share {shares:0.0000}"));
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
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"NDCG@10 of truth utility: popularity {byPopularity:0.000}, mean liked content {byContent:0.000}, <p,q> {byLatent:0.000}, truth 1"));
        Assert.True(byPopularity < 0.5, $"popularity {byPopularity}");
        Assert.True(byContent > byPopularity + 0.05, $"content {byContent}, popularity {byPopularity}");
        Assert.True(byLatent > byContent + 0.03, $"latent {byLatent}, content {byContent}");
        Assert.True(byLatent < 0.9, $"latent {byLatent}");
    }

    [Fact]
    public void Items_that_the_same_people_would_like_look_alike_but_not_quite()
    {
        const int People = 100;
        const int Items = 400;
        var profiles = new float[Items][];
        for (var i = 0; i < Items; i++)
            profiles[i] = new float[People];
        var scores = new float[_data.Items.Count];
        for (var u = 0; u < People; u++)
        {
            _data.Truth.LatentScores(u, scores);
            for (var i = 0; i < Items; i++)
                profiles[i][u] = scores[i];
        }
        var hidden = new List<double>();
        var observed = new List<double>();
        for (var i = 0; i < Items; i++)
        {
            for (var j = 0; j < i; j++)
            {
                hidden.Add(Dot(profiles[i], profiles[j]) / Math.Sqrt(Dot(profiles[i], profiles[i]) * Dot(profiles[j], profiles[j])));
                observed.Add(Dot(_content[i], _content[j]));
            }
        }
        var correlation = Correlation(hidden, observed);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"correlation of true and observed likeness of items {correlation:0.000}"));
        Assert.InRange(correlation, 0.4, 0.9);
    }

    [Fact]
    public void Stated_interests_are_a_hint_and_no_more()
    {
        var utility = new float[_data.Items.Count];
        double lift = 0;
        var people = 0;
        foreach (var user in Enumerable.Range(0, 100))
        {
            if (_data.Users[user].Interests?.Tags is not { } tags)
                continue;
            _data.Truth.Utilities(user, DefaultWorld.Now, utility);
            var ofInterest = Enumerable.Range(0, utility.Length).Where(i => _data.Items[i].Tags.Any(tags.ContainsKey)).Average(i => utility[i]);
            lift += ofInterest / utility.Average();
            people++;
        }
        lift /= people;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"utility of items with a stated tag, against the mean {lift:0.00}"));
        Assert.InRange(lift, 1.1, 2);
    }

    [Fact]
    public void The_group_share_sets_how_much_a_dot_product_can_explain()
    {
        var all = LatentNdcg(0);
        var usual = LatentNdcg(0.3);
        var little = LatentNdcg(0.9);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"NDCG@10 of <p,q> with k = 0: {all:0.000}, 0.3: {usual:0.000}, 0.9: {little:0.000}"));
        Assert.True(all > usual + 0.03);
        Assert.True(usual > little + 0.1);

        static double LatentNdcg(double share)
        {
            var small = DemoWorldGenerator.Generate(new DemoWorldOptions { Items = 5_000, Creators = 500, Songs = 300, Users = 100, GroupShare = share },
                DefaultWorld.Now);
            var utility = new float[small.Items.Count];
            var scores = new float[small.Items.Count];
            double sum = 0;
            for (var user = 0; user < small.Users.Count; user++)
            {
                small.Truth.Utilities(user, DefaultWorld.Now, utility);
                small.Truth.LatentScores(user, scores);
                sum += Ndcg(scores, utility);
            }
            return sum / small.Users.Count;
        }
    }

    [Fact]
    public void Utility_is_the_feeds_weighting_of_the_chances_and_nothing_before_publishing()
    {
        var at = DefaultWorld.Now.AddDays(-20);
        var utility = new float[_data.Items.Count];
        _data.Truth.Utilities(3, at, utility);
        for (var i = 0; i < 1_000; i++)
        {
            var chances = _data.Truth.Chances(3, i, at);
            Assert.Equal(_data.Items[i].PublishedAt <= at, chances.Published);
            var expected = chances.Published ? chances.Play * (1 + (0.5f * chances.LikeAfterPlay) + (0.25f * chances.ShareAfterPlay)) : 0;
            Assert.Equal(expected, utility[i], 1e-6f);
        }
        Assert.Throws<ArgumentException>(() => _data.Truth.Utilities(3, at, new float[10]));
        Assert.Throws<ArgumentException>(() => _data.Truth.LatentScores(3, new float[10]));
    }

    private int Count(EventType type) => _data.Events.Count(e => e.Type == type);

    private HashSet<(string User, string Item)> ValidPlays() =>
        _data.Events.Where(e => e.Type == EventType.Play && e.Value >= EventTypes.ValidPlay).Select(e => (e.UserId, e.ItemId)).ToHashSet();

    private void NearestToLiked(List<int> liked, float[] scores)
    {
        var mean = new float[_content[0].Length];
        foreach (var item in liked)
        {
            for (var c = 0; c < mean.Length; c++)
                mean[c] += _content[item][c];
        }
        for (var i = 0; i < scores.Length; i++)
            scores[i] = Dot(mean, _content[i]);
    }

    private static float Dot(float[] a, float[] b)
    {
        var sum = 0f;
        for (var c = 0; c < a.Length; c++)
            sum += a[c] * b[c];
        return sum;
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

    private static double Correlation(List<double> x, List<double> y)
    {
        var (meanX, meanY) = (x.Average(), y.Average());
        double xy = 0, xx = 0, yy = 0;
        for (var i = 0; i < x.Count; i++)
        {
            xy += (x[i] - meanX) * (y[i] - meanY);
            xx += (x[i] - meanX) * (x[i] - meanX);
            yy += (y[i] - meanY) * (y[i] - meanY);
        }
        return xy / Math.Sqrt(xx * yy);
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
