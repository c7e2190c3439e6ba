using CsCheck;
using KgOrleans.Kernels.Dot;
using KgOrleans.Kernels.Scan;
using KgOrleans.Kernels.TopK;
using KgOrleans.TestSupport;

namespace KgOrleans.Kernels.Tests;

[Trait("Suite", "Unit")]
public class ScanTests
{
    private sealed record Case(int Dimension, int Count, int Users, int K, int Bitmaps, int Flaws, int Seed)
    {
        public float[] Rows() => Spoil(Lengths.Random(Count * Dimension, Seed), Count, Seed + 1);

        public float[] UserVectors() => Spoil(Lengths.Random(Users * Dimension, Seed + 2), Users, Seed + 3);

        // Zero, huge, tiny, copied, sparse and invalid vectors: those whose margins could go wrong.
        private float[] Spoil(float[] vectors, int count, int seed)
        {
            var random = new Random(seed);
            for (var i = 0; i < Flaws; i++)
            {
                var vector = vectors.AsSpan(random.Next(count) * Dimension, Dimension);
                var at = random.Next(Dimension);
                switch (random.Next(11))
                {
                    case 0: vector.Clear(); break;
                    case 1: vector[at] = float.NaN; break;
                    case 2: vector[at] = float.PositiveInfinity; break;
                    case 3: vector[at] = float.NegativeInfinity; break;
                    case 4: Scale(vector, 1e30f); break;
                    case 5: Scale(vector, 1e-25f); break;
                    case 6: Scale(vector, 1e12f); break;
                    case 7: Scale(vector, 1e-12f); break;
                    case 8: vectors.AsSpan(0, Dimension).CopyTo(vector); break;
                    case 9: vector.Clear(); vector[at] = 1; break;
                    default: Scale(vector, 1e-40f); break;
                }
            }
            return vectors;
        }

        private static void Scale(Span<float> vector, float by)
        {
            foreach (ref var x in vector)
                x *= by;
        }
    }

    private static readonly Gen<Case> Cases =
        from dimension in Gen.Int[1, 16].Select(n => 16 * n)
        from count in Gen.Int[1, 700]
        from users in Gen.OneOf(Gen.Int[1, 20], Gen.Int[60, 70])
        from k in Gen.Int[1, 60]
        from bitmaps in Gen.Int[0, 2]
        from flaws in Gen.OneOf(Gen.Const(0), Gen.Int[1, 60])
        from seed in Gen.Int[0, 1_000_000]
        select new Case(dimension, count, users, k, bitmaps, flaws, seed);

    // Bitmaps of the whole partition: one shared, or one a user with a gap where every row may win.
    private static ulong[][] Bitmaps(Case c)
    {
        var random = new Random(c.Seed + 9);
        var maps = new ulong[c.Bitmaps == 0 ? 0 : c.Bitmaps == 1 ? 1 : c.Users][];
        for (var m = 0; m < maps.Length; m++)
        {
            maps[m] = PinnedRows.Pin<ulong>(((c.Count + 63) / 64) + 1);
            foreach (ref var word in maps[m].AsSpan())
                word = (ulong)random.NextInt64() & (ulong)random.NextInt64();
        }
        return maps;
    }

    // Blocks that start on whole words, as chunks do.
    private static IEnumerable<(int From, int Count)> Blocks(Case c)
    {
        var random = new Random(c.Seed);
        for (var from = 0; from < c.Count;)
        {
            var count = Math.Min(c.Count - from, 64 * random.Next(1, 6));
            yield return (from, count);
            from += count;
        }
    }

    private static nint[] Eligible(Case c, ulong[][] maps, int from) =>
        [.. maps.Select((map, m) => c.Bitmaps == 2 && m % 4 == 3 ? 0 : PinnedRows.At(map, from / 64))];

    private static void AssertBest(Case c, PinnedRows rows, ulong[][] maps, int user, Func<int, float> score, TopKStream stream)
    {
        var map = maps.Length == 0 ? null : maps.Length == 1 ? maps[0] : c.Bitmaps == 2 && user % 4 == 3 ? null : maps[user];
        var expected = Enumerable.Range(0, c.Count)
            .Where(r => map is null || (map[r / 64] >> (r % 64) & 1) != 0)
            .Select(r => (Row: r, Score: score(r)))
            .Where(x => !float.IsNaN(x.Score))
            .OrderByDescending(x => x.Score).ThenBy(x => rows.Keys[x.Row]).ThenBy(x => x.Row)
            .Take(c.K).ToArray();
        var found = new int[c.K];
        var scores = new float[c.K];
        var keys = new ulong[c.K];
        var count = stream.Complete(found, scores, keys);
        Assert.Equal(expected.Select(x => x.Row), found[..count]);
        Assert.Equal(expected.Select(x => x.Score), scores[..count]);
        Assert.Equal(expected.Select(x => rows.Keys[x.Row]), keys[..count]);
    }

    [Fact]
    public void An_8_bit_scan_finds_what_sorting_all_scores_finds()
    {
        Cases.Sample(c =>
        {
            var rows = new PinnedRows(c.Rows(), c.Dimension);
            var packed = QuantisedUsers.Pack(c.UserVectors(), c.Dimension, new byte[QuantisedUsers.BytesFor(c.Users, c.Dimension)]);
            var maps = Bitmaps(c);
            TopKStream[] best = [.. Enumerable.Range(0, c.Users).Select(_ => new TopKStream(c.K))];
            foreach (var (from, count) in Blocks(c))
                Int8Scan.Offer(packed, rows.Block(from, count), Eligible(c, maps, from), best);
            var scores = new float[c.Users * c.Count];
            Int8Dot.Rows(packed, rows.Block(), scores);
            for (var u = 0; u < c.Users; u++)
                AssertBest(c, rows, maps, u, r => scores[(u * c.Count) + r], best[u]);
        }, iter: 150);
    }

    [Fact]
    public void Nearly_equal_scores_are_told_apart_as_exactly_as_by_sorting()
    {
        // A narrow band around one direction: coarse scores cannot separate these rows.
        var c = new Case(64, 4000, 12, 50, 0, 0, 5);
        var vectors = c.Rows();
        for (var r = 0; r < c.Count; r++)
        {
            for (var i = 0; i < 64; i++)
                vectors[(r * 64) + i] = (0.001f * vectors[(r * 64) + i]) + (i % 7) - 3;
        }
        var rows = new PinnedRows(vectors, 64);
        var users = c.UserVectors();
        TopKStream[] best = [.. Enumerable.Range(0, c.Users).Select(_ => new TopKStream(c.K))];
        var packed = QuantisedUsers.Pack(users, 64, new byte[QuantisedUsers.BytesFor(c.Users, 64)]);
        Int8Scan.Offer(packed, rows.Block(), [], best);
        var scores = new float[c.Users * c.Count];
        Int8Dot.Rows(packed, rows.Block(), scores);
        for (var u = 0; u < c.Users; u++)
            AssertBest(c, rows, [], u, r => scores[(u * c.Count) + r], best[u]);
    }

    [Fact]
    public void A_row_that_coarse_user_codes_miss_altogether_is_found_all_the_same()
    {
        const int Filler = 320;
        foreach (var d in (int[])[16, 48, 64, 256])
        {
            var users = Lengths.Random(8 * d, d);
            // The coarse form of the first user, 32 steps up to the largest component, and a row along what it misses: its coarse score is zero.
            var step = users.AsSpan(0, d).ToArray().Max(Math.Abs) / 32;
            double[] coarse = [.. users[..d].Select(x => (double)step * MathF.Round(x / step))];
            double[] missed = [.. users[..d].Zip(coarse, (x, c) => x - c)];
            var along = missed.Zip(coarse, (e, c) => e * c).Sum() / coarse.Sum(c => c * c);
            double[] row = [.. missed.Zip(coarse, (e, c) => e - (along * c))];
            var score = row.Zip(users, (r, u) => r * u).Sum();
            // Rows along the user, which coarse codes see in full, raise the threshold to just below its score.
            var vectors = new float[(Filler + 1) * d];
            var norm = users[..d].Sum(x => (double)x * x);
            for (var i = 0; i < Filler * d; i++)
                vectors[i] = (float)(users[i % d] * score * (0.87 + (0.0001 * (i / d))) / norm);
            for (var i = 0; i < d; i++)
                vectors[(Filler * d) + i] = (float)row[i];
            var c = new Case(d, Filler + 1, 8, 1, 0, 0, 0);
            var rows = new PinnedRows(vectors, d);
            TopKStream[] best = [.. Enumerable.Range(0, 8).Select(_ => new TopKStream(1))];
            var packed = QuantisedUsers.Pack(users, d, new byte[QuantisedUsers.BytesFor(8, d)]);
            Int8Scan.Offer(packed, rows.Block(), [], best);
            var scores = new float[8 * c.Count];
            Int8Dot.Rows(packed, rows.Block(), scores);
            AssertBest(c, rows, [], 0, r => scores[r], best[0]);
            Assert.Equal(Filler, Enumerable.Range(0, c.Count).MaxBy(r => scores[r]));
        }
    }

    [Fact]
    public void Re_scoring_twice_as_many_8_bit_rows_finds_the_exact_best()
    {
        const int Count = 30_000;
        const int D = 64;
        const int K = 300;
        var rows = new PinnedRows(Lengths.Unit(Count, D, 1), D);
        var users = Lengths.Unit(8, D, 2);
        var packed = QuantisedUsers.Pack(users, D, new byte[QuantisedUsers.BytesFor(8, D)]);
        TopKStream[] best = [.. Enumerable.Range(0, 8).Select(_ => new TopKStream(2 * K))];
        Int8Scan.Offer(packed, rows.Block(), [], best);
        var (codes, scales, residuals) = rows.Chunks(10);
        var hits = 0;
        for (var u = 0; u < 8; u++)
        {
            var user = users.AsSpan(u * D, D);
            var found = new int[2 * K];
            var keys = new ulong[2 * K];
            var scores = new float[2 * K];
            best[u].Complete(found, scores, keys);
            Int8Rescore.Gather(user, new Int8Table(codes, scales, residuals, 10, Count), found, scores);
            best[u].Reset(K);
            best[u].Offer(scores, keys, found);
            var exact = new float[Count];
            DotProduct.Rows(user, rows.Vectors, D, exact);
            var expected = new int[K];
            TopKSelection.Select(exact, rows.Keys, K, expected);
            var count = best[u].Complete(found);
            hits += expected.Intersect(found[..count]).Count();
        }
        Assert.InRange(hits / (8d * K), 0.995, 1);
    }

    [Fact]
    public void Misuse_is_refused()
    {
        var rows = new PinnedRows(Lengths.Random(64, 1), 16);
        var users = Lengths.Random(48, 2);
        var memory = new byte[QuantisedUsers.BytesFor(3, 16)];
        TopKStream[] two = [new(1), new(1)];
        TopKStream[] three = [new(1), new(1), new(1)];
        Assert.Throws<ArgumentException>("best", () => Int8Scan.Offer(QuantisedUsers.Pack(users, 16, memory), rows.Block(), [], two));
        Assert.Throws<ArgumentException>("eligible", () => Int8Scan.Offer(QuantisedUsers.Pack(users, 16, memory), rows.Block(), [0, 0], three));
    }

    [Fact]
    public void Scanning_allocates_nothing()
    {
        var rows = new PinnedRows(Lengths.Random(64 * 1000, 1), 64);
        var users = Lengths.Random(64 * 9, 2);
        var memory = new byte[QuantisedUsers.BytesFor(9, 64)];
        TopKStream[] best = [.. Enumerable.Range(0, 9).Select(_ => new TopKStream(40))];
        var found = new int[40];
        Assert.Equal(0, Allocations.AfterWarmUp(() =>
        {
            foreach (var stream in best)
                stream.Reset(40);
            Int8Scan.Offer(QuantisedUsers.Pack(users, 64, memory), rows.Block(), [], best);
            Int8Scan.Offer(QuantisedUsers.Pack(users.AsSpan(0, 64), 64, memory), rows.Block(), [], best.AsSpan(0, 1));
            foreach (var stream in best)
                stream.Complete(found);
        }));
    }
}
