using CsCheck;
using KgOrleans.Kernels.Dot;
using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.Tests.Catalogue;
using KgOrleans.TestSupport;

namespace KgOrleans.Ranking.Tests.Recall;

[Trait("Suite", "Unit")]
public sealed class ModelScanTests
{
    private const int Dimension = 24;

    [Fact]
    public void A_pass_finds_the_exact_best_by_re_scored_values_on_any_number_of_shards() =>
        Gen.Select(Gen.Int, Gen.Int[1, 40], Gen.Bool).Sample((seed, quota, outliers) =>
    {
        var random = new Random(seed);
        var vectors = Vectors(random, 3_000, outliers);
        var user = Vector(random);
        var expected = vectors.Select((v, i) => (Key: Key64.Of($"i{i}"), Score: ReScore(user, v)))
            .OrderByDescending(x => x.Score).ThenBy(x => x.Key).Take(quota).ToArray();
        foreach (var shards in new[] { 1, 8 })
        {
            var merged = Enumerable.Range(0, shards).SelectMany(shard =>
            {
                using var partition = Build(vectors, shard, shards);
                using var view = partition.Acquire();
                var result = PartitionRecall.Run(view, Request(user, quota));
                return result.Channels[(int)RecallChannel.Model].Select(e => (result.Candidates[e.Candidate].Key, e.Score)).ToArray();
            }).OrderByDescending(x => x.Score).ThenBy(x => x.Key).Take(quota);
            Assert.Equal(expected, merged);
        }
    }, iter: 25);

    [Fact]
    public void Scores_agree_with_float32_to_a_ten_thousandth() => Gen.Int.Sample(seed =>
    {
        var random = new Random(seed);
        var vectors = Vectors(random, 800, outliers: false);
        var user = Vector(random);
        using var partition = Build(vectors, 0, 1);
        using var view = partition.Acquire();
        var result = PartitionRecall.Run(view, Request(user, 20));
        Assert.Equal(20, result.Candidates.Length);
        foreach (var candidate in result.Candidates)
        {
            var vector = vectors[int.Parse(view.IdOf(candidate.Row)[1..], System.Globalization.CultureInfo.InvariantCulture)];
            Assert.Equal(DotProduct.Single(user, vector), candidate.PreRank, 1e-4f * Norm(user) * Norm(vector));
        }
    }, iter: 10);

    [Fact]
    public void Answers_of_a_batch_equal_those_of_each_request_alone_to_the_bit_and_take_one_pass()
    {
        var random = new Random(5);
        var vectors = Vectors(random, 4_000, outliers: false);
        using var partition = Build(vectors, 0, 1);
        using var view = partition.Acquire();
        var requests = Enumerable.Range(0, RecallScan.MaxBatch)
            .Select(i => Request(Vector(random), 1 + i, excluded: [Key64.Of($"i{i}")], hot: i % 3 == 0 ? 30 : 0)).ToArray();
        using var scan = new RecallScan();
        var together = new RecallResult?[requests.Length];
        scan.Run(view, requests, together);
        var passes = scan.Passes;
        Assert.InRange(passes, 1, 8);
        for (var i = 0; i < requests.Length; i++)
        {
            var alone = PartitionRecall.Run(view, requests[i]);
            Assert.Equal(alone.Candidates, together[i]!.Candidates);
            Assert.Equal(alone.Counts, together[i]!.Counts);
            for (var channel = 0; channel < alone.Channels.Length; channel++)
                Assert.Equal(alone.Channels[channel], together[i]!.Channels[channel]);
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => scan.Run(view, [.. requests, requests[0]], new RecallResult?[requests.Length + 1]));
    }

    [Fact]
    public void A_warm_scan_allocates_its_answers_and_nothing_that_grows_with_the_catalogue()
    {
        var random = new Random(6);
        var user = Vector(random);
        var allocated = new List<long>();
        foreach (var count in new[] { 2_000, 20_000 })
        {
            using var partition = Build(Vectors(random, count, outliers: false), 0, 1);
            using var view = partition.Acquire();
            using var scan = new RecallScan();
            RecallRequest[] requests = [Request(user, 50, hot: 50), Request(Vector(random), 50, hot: 50)];
            var results = new RecallResult?[2];
            allocated.Add(Allocations.AfterWarmUp(() => scan.Run(view, requests, results), runs: 1));
            var answers = results.Sum(r => (r!.Candidates.Length * 16) + (r.Channels.Sum(c => c.Length) * 8) + (r.Zones.Length * 44));
            Assert.InRange(allocated[^1], answers, answers + 1_000);
        }
        Assert.Equal(allocated[0], allocated[1], 400.0);
    }

    [Fact]
    public void Eligibility_that_is_used_again_is_that_of_the_time_asked_for() => Gen.Int.Sample(seed =>
    {
        var random = new Random(seed);
        using var partition = new Partition(new PartitionSettings(4, 0, null) { ChunkShift = 6 });
        var items = Enumerable.Range(0, 200).Select(i =>
            (Published: random.Next(3) == 0 ? (long?)null : random.Next(60), Expires: random.Next(3) == 0 ? (long?)random.Next(60) : null)).ToArray();
        for (var i = 0; i < items.Length; i++)
        {
            var (published, expires) = (Time(items[i].Published), Time(items[i].Expires));
            var world = i % 5 == 0 ? "w" : null;
            var document = new ItemDocument { ItemId = $"i{i}", CreatorId = "c", PublishedAt = published, ExpiresAt = expires, WorldId = world };
            partition.Put(document, i, []);
        }
        using var view = partition.PublishView(1);
        for (var i = 0; i < 60; i++)
        {
            var (now, oldest, world) = (random.Next(60), random.Next(60), random.Next(4) == 0);
            var counts = PartitionRecall.Run(view,
                new RecallRequest { Now = now, ScoreTime = 0, OldestPublishedAt = oldest, World = world ? Key64.Of("w") : 0, Quotas = [0, 0, 0] }).Counts;
            var own = items.Where((_, at) => at % 5 == 0 == world).ToArray();
            var expired = own.Count(x => x.Expires <= now);
            var age = own.Count(x => !(x.Expires <= now) && (x.Published > now || x.Published < oldest));
            Assert.Equal((own.Length - expired - age, expired, age), (counts.Eligible, counts.Expired, counts.Age));
        }
    }, iter: 60);

    private static DateTimeOffset? Time(long? ms) => ms is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;

    private static RecallRequest Request(float[] user, int quota, ulong[]? excluded = null, int hot = 0) => new()
    {
        Now = 1,
        ScoreTime = 1,
        OldestPublishedAt = 0,
        World = 0,
        UserVector = user,
        ExcludedItems = excluded ?? [],
        Quotas = [quota, 0, hot],
    };

    private static Partition Build(float[][] vectors, int shard, int shards)
    {
        var partition = new Partition(new PartitionSettings(0, Dimension, "space") { ChunkShift = 9 });
        for (var i = 0; i < vectors.Length; i++)
        {
            if (Key64.Shard(Key64.Of($"i{i}"), shards) == shard)
                partition.Put(new ItemDocument { ItemId = $"i{i}", CreatorId = "c" }, i, vectors[i]);
        }
        partition.Publish(1);
        return partition;
    }

    private static float[][] Vectors(Random random, int count, bool outliers)
    {
        var vectors = Enumerable.Range(0, count).Select(_ => Vector(random)).ToArray();
        // Rows so much longer than the rest that the bound of their error covers everyone's score.
        for (var i = 0; outliers && i < count; i += 500)
            vectors[i] = Array.ConvertAll(vectors[i], x => x * 1_000);
        return vectors;
    }

    private static float[] Vector(Random random)
    {
        var vector = new float[Dimension];
        foreach (ref var x in vector.AsSpan())
            x = (random.NextSingle() * 2) - 1;
        return vector;
    }

    private static float Norm(float[] vector) => MathF.Sqrt(DotProduct.Single(vector, vector));

    private static float ReScore(float[] user, float[] vector)
    {
        // Rows are padded to a multiple of 16 components.
        var (codes, residuals, restored, padded) = (new sbyte[Dimension], new sbyte[Dimension], new float[32], new float[32]);
        var scale = Int8Rows.Quantise(vector, codes, residuals);
        Int8Rows.Dequantise(codes, residuals, 254, restored.AsSpan(0, Dimension));
        user.CopyTo(padded, 0);
        return DotProduct.Single(padded, restored) * (scale / 254);
    }
}
