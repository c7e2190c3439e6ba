using System.Text.Json;
using System.Xml.Linq;
using CsCheck;
using KgOrleans.ClientTestSupport;
using KgOrleans.CommandLine;
using KgOrleans.Kernels.Dot;
using KgOrleans.Lab.Frontier;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Lab.Tests.Frontier;

[Trait("Suite", "Unit")]
public sealed class FrontierTests
{
    [Fact]
    public void Every_policy_makes_a_page_of_ten_different_candidates_and_none_takes_the_best() => Gen.Int[0, 10_000].Sample(
        seed =>
        {
            var data = Data(seed, users: 1);
            var user = data.Users[0];
            var candidates = new FrontierCandidates(user, data.BlockOf(user), data.VectorsOf(user), data.Dimension);
            foreach (var policy in FrontierPolicy.All)
            {
                var page = policy.Pick(candidates);
                Assert.Equal(10, page.Distinct().Count());
                Assert.All(page, i => Assert.InRange(i, 0, user.Rows.Length - 1));
                Assert.Equal(page, policy.Pick(candidates));
            }
            Assert.Equal(Enumerable.Range(0, 10), FrontierPolicy.All[0].Pick(candidates));
        },
        iter: 20);

    [Fact]
    public void Caps_and_rules_hold_on_their_pages()
    {
        var data = Data(1, users: 20);
        foreach (var user in data.Users)
        {
            var candidates = new FrontierCandidates(user, data.BlockOf(user), data.VectorsOf(user), data.Dimension);
            int[] Creators(string name, string strength) =>
                [.. FrontierPolicy.All.Single(p => p.Name == name && p.Strength == strength).Pick(candidates).Select(i => data.Creators[user.Rows[i]])];
            Assert.All(Creators("creator cap", "2 a page").GroupBy(c => c), g => Assert.InRange(g.Count(), 1, 2));
            Assert.Equal(10, Creators("creator cap", "1 a page").Distinct().Count());
            var apart = Creators("rules", "1 per creator and song in 2");
            Assert.All(apart.Zip(apart.Skip(1)), pair => Assert.NotEqual(pair.First, pair.Second));
        }
    }

    [Fact]
    public void Stronger_diversity_makes_pages_less_alike_and_stronger_noise_reaches_more_creators()
    {
        var points = new FrontierRun(Data(2, users: 120), resamples: 50, seed: 1).Measure(FrontierPolicy.All, default);
        foreach (var name in (string[])["mmr", "dpp"])
        {
            var alike = points.Where(p => p.Policy == name).Select(p => p.Similarity.Value).ToArray();
            Assert.Equal(alike.OrderDescending(), alike);
            Assert.True(alike[^1] < points[0].Similarity.Value);
        }
        var noise = points.Where(p => p.Policy == "noise").ToArray();
        Assert.True(noise[^1].Gini.Value < points[0].Gini.Value);
        Assert.True(noise[^1].Ndcg.Value < noise[0].Ndcg.Value);
        Assert.Equal((0, 0, 0), (points[0].Ndcg.Difference, points[0].Ndcg.Low, points[0].Ndcg.High));
        Assert.All(points, p => Assert.All((FrontierMeasure[])[p.Ndcg, p.Similarity, p.Gini], m => Assert.InRange(m.Difference, m.Low - 1e-9, m.High + 1e-9)));
    }

    [Fact]
    public void Exposure_is_counted_over_all_pages_named()
    {
        var data = Data(3, users: 3, items: 10, creators: 5, pool: 10);
        int[][] pages = [[0, 1], [0, 2], [0, 3]];
        var reach = new FrontierExposure(data);
        var users = Enumerable.Repeat(0, 2).Concat(Enumerable.Repeat(1, 2)).Append(2).ToArray();
        var measured = reach.Measure(pages, users);
        Assert.Equal(1, measured.Items);
        // Against the definition: sum of |x_i - x_j| over all pairs of creators, over 2 n^2 mean.
        var counts = new double[data.CreatorCount];
        foreach (var row in users.SelectMany(u => pages[u]))
            counts[data.Creators[row]]++;
        var gini = counts.SelectMany(a => counts.Select(b => Math.Abs(a - b))).Sum() / (2 * counts.Length * counts.Sum());
        Assert.Equal(gini, measured.Gini, 9);
        Assert.Equal(counts.Count(c => c >= 5), measured.Creators);
        var ages = users.SelectMany(u => pages[u]).Select(row => data.AgeDays[row]).Order().ToArray();
        Assert.Equal(ages[(ages.Length - 1) / 2], measured.MedianAge);
        Assert.Equal(measured, reach.Measure(pages, users));
    }

    [Fact]
    public void The_picture_is_well_formed_and_shows_every_policy()
    {
        var points = new FrontierRun(Data(4, users: 20), resamples: 5, seed: 1).Measure(FrontierPolicy.All, default);
        var picture = XDocument.Parse(FrontierPicture.Draw("a < b & c", points));
        XNamespace svg = "http://www.w3.org/2000/svg";
        var texts = picture.Descendants(svg + "text").Select(t => t.Value).ToArray();
        Assert.Contains("a < b & c", texts);
        Assert.All(points.Select(p => p.Policy).Distinct(), name => Assert.Contains(name, texts));
        Assert.Equal((points.Count * 2) + points.Select(p => p.Policy).Distinct().Count(), picture.Descendants(svg + "path").Count());
        Assert.DoesNotContain("NaN", picture.ToString());
    }

    [Fact]
    public void An_axis_holds_all_values_between_round_ticks() => Gen.Double[-1_000, 1_000].Array[1, 20].Sample(values =>
    {
        var axis = FrontierAxis.Of(values);
        Assert.All(values, v => Assert.InRange(axis.Share(v), -1e-9, 1 + 1e-9));
        Assert.InRange(axis.Ticks.Count(), 2, 8);
    });

    [Fact]
    public async Task HetRec_gives_a_point_for_every_policy_and_strength()
    {
        var path = SampleSets.FindReal(SampleSets.HetRecZip);
        Assert.SkipWhen(path is null, SampleSets.Missing(SampleSets.HetRecZip));
        var svg = Path.Combine(Path.GetTempPath(), $"kg-{Guid.NewGuid():N}.svg");
        try
        {
            var run = await LabRun.OfAsync("bench", "diversity", "--hetrec", path, "--users", "40", "--resamples", "20", "--json", "--svg", svg);
            Assert.Equal(ExitCode.Ok, run.Exit);
            var lines = run.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonElement.Parse(l).GetProperty("point")).ToArray();
            Assert.Equal(
                FrontierPolicy.All.Select(p => (p.Name, p.Strength)),
                lines.Select(l => (l.GetProperty("policy").GetString()!, l.GetProperty("strength").GetString()!)));
            Assert.InRange(lines[0].GetProperty("ndcg").GetProperty("value").GetDouble(), 0.05, 1);
            Assert.True(File.Exists(svg));
        }
        finally
        {
            File.Delete(svg);
        }
    }

    [Theory]
    [InlineData("--pool", "10")]
    [InlineData("--users", "1")]
    [InlineData("--resamples", "0")]
    public async Task Numbers_out_of_range_are_refused(string option, string value)
    {
        var run = await LabRun.OfAsync("bench", "diversity", "--hetrec", "nowhere.zip", option, value);
        Assert.Equal(ExitCode.Usage, run.Exit);
        Assert.Contains(option, run.Error);
    }

    private static FrontierData Data(int seed, int users, int items = 400, int creators = 40, int pool = 100)
    {
        var random = new Random(seed);
        var block = new ItemBlock(items, 8, 0);
        for (var i = 0; i < items; i++)
        {
            block.Ids[i] = $"w{i}";
            block.Rows[i] = new ItemRow
            {
                Key = Key64.Of($"w{i}"),
                Creator = (ulong)(1 + random.Next(creators)),
                Song = (ulong)random.Next(30),
                Kind = (ItemKind)random.Next(3),
                PublishedAt = -86_400_000L * random.Next(90),
            };
            foreach (ref var x in block.ContentOf(i))
                x = random.NextSingle() - 0.5f;
            VectorMath.Normalise(block.ContentOf(i));
        }
        var all = Enumerable.Range(0, users).Select(u =>
        {
            // A few works are liked by all, so that there is something to spread.
            var scores = Enumerable.Range(0, items).Select(i => (Row: i, Score: (float)(((items - i) / (double)items) + (0.5 * random.NextDouble())))).OrderByDescending(s => s.Score).Take(pool).ToArray();
            return new FrontierUser(
                (ulong)u, [.. scores.Select(s => s.Row)], [.. scores.Select(s => s.Score)], [.. scores.Select(s => s.Score)],
                [.. scores.Take(10).Select(s => s.Score)]);
        }).ToArray();
        return new FrontierData("test", "the scores", block, 0, all);
    }
}
