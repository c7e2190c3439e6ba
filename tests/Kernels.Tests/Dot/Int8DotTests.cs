using KgOrleans.Kernels.Dot;
using KgOrleans.Kernels.Scan;
using KgOrleans.Kernels.TopK;
using KgOrleans.TestSupport;

namespace KgOrleans.Kernels.Tests;

[Trait("Suite", "Unit")]
public unsafe class Int8DotTests
{
    public static readonly int[] Dimensions = [16, 32, 48, 64, 80, 96, 112, 128, 144, 176, 192, 240, 256, 272, 512];

    private static float[] Scores(PinnedRows rows, float[] users, int from = 0, int count = -1)
    {
        var packed = QuantisedUsers.Pack(users, rows.Dimension, new byte[QuantisedUsers.BytesFor(users.Length / rows.Dimension, rows.Dimension)]);
        var block = rows.Block(from, count);
        var scores = new float[packed.Count * block.Count];
        Int8Dot.Rows(packed, block, scores);
        return scores;
    }

    // The formula of the class, in exact integers, from codes that the test makes itself.
    private static float Expected(PinnedRows rows, int row, ReadOnlySpan<float> user)
    {
        var largest = 0f;
        foreach (var x in user)
            largest = MathF.Max(largest, MathF.Abs(x));
        var sum = 0L;
        for (var i = 0; i < user.Length; i++)
            sum += rows.Codes[(row * user.Length) + i] * (long)MathF.Round(user[i] * (32767 / largest));
        return (int)sum * (rows.Scales[row] * (largest / 32767));
    }

    [Fact]
    public void Every_dimension_equals_exact_integer_sums_and_stays_within_the_stated_error()
    {
        foreach (var d in Dimensions)
        {
            foreach (var count in (int[])[1, 2, 3, 4, 5, 7, 15, 16, 17, 33])
            {
                var rows = new PinnedRows(Lengths.Random(d * count, d + count), d);
                var user = Lengths.Random(d, count);
                var scores = Scores(rows, user);
                for (var r = 0; r < count; r++)
                {
                    Assert.Equal(Expected(rows, r, user), scores[r]);
                    var exact = 0d;
                    var (one, other) = (0d, 0d);
                    for (var i = 0; i < d; i++)
                    {
                        exact += (double)user[i] * rows.Vectors[(r * d) + i];
                        one += Math.Abs(user[i]);
                        other += Math.Abs((double)rows.Scales[r] * rows.Codes[(r * d) + i]);
                    }
                    var bound = (rows.Scales[r] / 2 * one) + (user.Max(Math.Abs) / 32767 / 2 * other);
                    Assert.InRange(Math.Abs(scores[r] - exact), 0, (bound * 1.0001) + (Math.Abs(exact) * Math.Pow(2, -21)));
                }
            }
        }
    }

    [Fact]
    public void The_largest_sums_do_not_overflow()
    {
        foreach (var d in Dimensions)
        {
            var row = new float[2 * d];
            row.AsSpan(0, d).Fill(1);
            row.AsSpan(d).Fill(-1);
            var user = new float[d];
            Array.Fill(user, 1f);
            var scores = Scores(new PinnedRows(row, d), user);
            Assert.Equal(d, scores[0], d * 1e-6);
            Assert.Equal(-d, scores[1], d * 1e-6);
        }
    }

    [Fact]
    public void A_row_has_one_score_to_the_bit_from_every_entry_point_and_position()
    {
        foreach (var d in Dimensions)
        {
            const int Count = 37;
            var rows = new PinnedRows(Lengths.Random(d * Count, d), d);
            var users = Lengths.Random(d * 9, d + 1);
            var whole = Scores(rows, users);
            var random = new Random(d);
            int[] order = [.. Enumerable.Range(0, 90).Select(_ => random.Next(Count))];
            foreach (var shift in (int[])[0, 2, 4, 6])
            {
                var (codes, scales, residuals) = rows.Chunks(shift);
                var table = new Int8Table(codes, scales, residuals, shift, Count);
                for (var u = 0; u < 9; u++)
                {
                    var user = users.AsSpan(u * d, d);
                    var packed = QuantisedUsers.Pack(users, d, new byte[QuantisedUsers.BytesFor(9, d)]);
                    var gathered = new float[order.Length];
                    Int8Dot.Gather(packed, u, table, order, gathered);
                    for (var i = 0; i < order.Length; i++)
                        AssertSameBits(whole[(u * Count) + order[i]], gathered[i]);
                    for (var from = 0; from < Count; from += 5)
                    {
                        var part = Scores(rows, user.ToArray(), from);
                        for (var r = from; r < Count; r++)
                            AssertSameBits(whole[(u * Count) + r], part[r - from]);
                    }
                }
            }
        }
    }

    [Fact]
    public void A_re_score_is_exact_on_the_restored_row_and_close_on_the_original()
    {
        foreach (var d in Dimensions)
        {
            const int Count = 23;
            var rows = new PinnedRows(Lengths.Random(d * Count, d), d);
            var user = Lengths.Random(d, 1);
            var (codes, scales, residuals) = rows.Chunks(3);
            int[] order = [22, 0, 5, 5, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 20, 21];
            var scores = new float[order.Length];
            Int8Rescore.Gather(user, new Int8Table(codes, scales, residuals, 3, Count), order, scores);
            var norm = user.Sum(x => (double)Math.Abs(x));
            var restored = new float[d];
            for (var i = 0; i < order.Length; i++)
            {
                var r = order[i];
                Int8Rows.Dequantise(rows.Codes.AsSpan(r * d, d), rows.Residuals.AsSpan(r * d, d), 254, restored);
                AssertSameBits(DotProduct.Single(user, restored) * (rows.Scales[r] / 254), scores[i]);
                var exact = Enumerable.Range(0, d).Sum(c => (double)user[c] * rows.Vectors[(r * d) + c]);
                Assert.InRange(Math.Abs(scores[i] - exact), 0, (rows.Scales[r] / 508 * norm) + ((d + 8) * Math.Pow(2, -24) * norm));
            }
        }
    }

    [Fact]
    public void Zero_and_bad_vectors_score_zero_and_nan_in_their_own_row_only()
    {
        const int D = 32;
        var vectors = Lengths.Random(4 * D, 1);
        vectors.AsSpan(0, D).Clear();
        vectors[D + 7] = float.NaN;
        vectors[(2 * D) + 31] = float.PositiveInfinity;
        var rows = new PinnedRows(vectors, D);
        var users = Lengths.Random(4 * D, 2);
        users.AsSpan(D, D).Clear();
        users[(2 * D) + 3] = float.NaN;
        users[(3 * D) + 3] = float.NegativeInfinity;
        var scores = Scores(rows, users);
        Assert.Equal([0f, float.NaN, float.NaN], scores[..3]);
        Assert.True(float.IsFinite(scores[3]));
        Assert.Equal([0f, float.NaN, float.NaN, 0f], scores[4..8]);
        Assert.All(scores[8..], score => Assert.Equal(float.NaN, score));
    }

    [Fact]
    public void Nothing_outside_the_rows_is_read()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Guard pages are mapped with Linux's mmap.");
        using var codes = new GuardedFloats(40 * 512 / 4);
        using var scales = new GuardedFloats(40);
        using var keys = new GuardedFloats(80);
        foreach (var d in Dimensions)
        {
            foreach (var count in (int[])[1, 2, 3, 4, 5, 31, 32, 33, 40])
            {
                foreach (var end in (bool[])[true, false])
                {
                    fixed (float* c = end ? codes.AtEnd(d * count / 4) : codes.AtStart(d * count / 4), s = end ? scales.AtEnd(count) : scales.AtStart(count))
                    fixed (float* k = end ? keys.AtEnd(2 * count) : keys.AtStart(2 * count))
                    {
                        new Span<sbyte>(c, d * count).Fill(127);
                        new Span<float>(s, count).Fill(1f / 127);
                        var block = new Int8Block((nint)c, (nint)s, (nint)k, 0, count);
                        foreach (var users in (int[])[1, 2, 9])
                        {
                            var vectors = new float[users * d];
                            Array.Fill(vectors, 1f);
                            var packed = QuantisedUsers.Pack(vectors, d, new byte[QuantisedUsers.BytesFor(users, d)]);
                            var scores = new float[users * count];
                            Int8Dot.Rows(packed, block, scores);
                            Assert.Equal(d, scores[^1], 1e-3);
                            TopKStream[] best = [.. Enumerable.Range(0, users).Select(_ => new TopKStream(count))];
                            Int8Scan.Offer(packed, block, [], best);
                            Assert.Equal(count, best[^1].Complete(new int[count]));
                            Int8Dot.Gather(
                                packed, users - 1, new Int8Table([(nint)c], [(nint)s], [(nint)c], 10, count), [.. Enumerable.Range(0, count)], scores);
                            Assert.Equal(d, scores[count - 1], 1e-3);
                            Int8Rescore.Gather(vectors.AsSpan(0, d), new Int8Table([(nint)c], [(nint)s], [(nint)c], 10, count), [count - 1], scores);
                            Assert.Equal(d, scores[0], d * 0.01);
                        }
                    }
                }
            }
        }
    }

    [Fact]
    public void Misuse_is_refused()
    {
        var rows = new PinnedRows(Lengths.Random(64, 1), 16);
        var user = Lengths.Random(16, 2);
        var memory = new byte[QuantisedUsers.BytesFor(1, 16)];
        var (codes, scales, residuals) = rows.Chunks(1);
        Assert.Throws<ArgumentException>("scores", () => Int8Dot.Rows(QuantisedUsers.Pack(user, 16, memory), rows.Block(), new float[3]));
        Assert.Throws<ArgumentException>(
            "scores", () => Int8Dot.Gather(QuantisedUsers.Pack(user, 16, memory), 0, new Int8Table(codes, scales, [], 1, 4), [0, 1], new float[1]));
        Assert.Throws<ArgumentOutOfRangeException>(
            "user", () => Int8Dot.Gather(QuantisedUsers.Pack(user, 16, memory), 1, new Int8Table(codes, scales, [], 1, 4), [0], new float[1]));
        Assert.Throws<ArgumentException>(
            "table", () => Int8Dot.Gather(QuantisedUsers.Pack(user, 16, memory), 0, new Int8Table(codes, scales, [], 1, 5), [0], new float[1]));
        Assert.Throws<ArgumentException>("table", () => Int8Rescore.Gather(user, new Int8Table(codes, scales, [], 1, 4), [0], new float[1]));
        foreach (var row in (int[])[-1, 4, int.MaxValue])
        {
            Assert.Throws<ArgumentOutOfRangeException>(
                "rows", () => Int8Dot.Gather(QuantisedUsers.Pack(user, 16, memory), 0, new Int8Table(codes, scales, [], 1, 4), [row], new float[1]));
            Assert.Throws<ArgumentOutOfRangeException>(
                "rows", () => Int8Rescore.Gather(user, new Int8Table(codes, scales, residuals, 1, 4), [row], new float[1]));
        }
    }

    [Fact]
    public void Scoring_allocates_nothing()
    {
        var rows = new PinnedRows(Lengths.Random(64 * 100, 1), 64);
        var users = Lengths.Random(64 * 3, 2);
        var memory = new byte[QuantisedUsers.BytesFor(3, 64)];
        var scores = new float[300];
        int[] order = [5, 4, 3];
        var (codes, scales, residuals) = rows.Chunks(4);
        Assert.Equal(0, Allocations.AfterWarmUp(() =>
        {
            var packed = QuantisedUsers.Pack(users, 64, memory);
            Int8Dot.Rows(packed, rows.Block(), scores);
            var table = new Int8Table(codes, scales, residuals, 4, 100);
            Int8Dot.Gather(packed, 1, table, order, scores);
            Int8Rescore.Gather(users.AsSpan(0, 64), table, order, scores);
        }));
    }

    private static void AssertSameBits(float expected, float actual) =>
        Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(actual));
}
