using KgOrleans.Kernels.Dot;
using KgOrleans.TestSupport;

namespace KgOrleans.Kernels.Tests;

[Trait("Suite", "Unit")]
public class DotProductTests
{
    // (dimension + 4) * 2^-24 * sum |a_i b_i|: the bound that the class documents.
    private static double Bound(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0d;
        for (var i = 0; i < a.Length; i++)
            sum += Math.Abs((double)a[i] * b[i]);
        return (a.Length + 4) * Math.Pow(2, -24) * sum;
    }

    private static double Exact(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = 0d;
        for (var i = 0; i < a.Length; i++)
            sum += (double)a[i] * b[i];
        return sum;
    }

    [Fact]
    public void Every_length_agrees_with_double_precision_within_the_documented_error()
    {
        foreach (var d in Lengths.AroundWidths)
        {
            const int Count = 11;
            var user = Lengths.Random(d, d);
            var rows = Lengths.Random(d * Count, d + 1);
            var scores = new float[Count];
            DotProduct.Rows(user, rows, d, scores);
            for (var r = 0; r < Count; r++)
            {
                var row = rows.AsSpan(r * d, d);
                Assert.InRange(Math.Abs(scores[r] - Exact(user, row)), 0, Bound(user, row));
                Assert.InRange(Math.Abs(DotProduct.ScalarReference(user, row) - Exact(user, row)), 0, Bound(user, row));
            }
        }
    }

    [Fact]
    public void A_row_has_one_score_to_the_bit_from_every_entry_point_and_position()
    {
        foreach (var d in Lengths.AroundWidths)
        {
            const int Count = 13;
            var user = Lengths.Random(d, d);
            var rows = Lengths.Random(d * Count, d + 1);
            var whole = new float[Count];
            DotProduct.Rows(user, rows, d, whole);
            for (var from = 0; from < Count; from++)
            {
                var part = new float[Count - from];
                DotProduct.Rows(user, rows.AsSpan(from * d), d, part);
                for (var r = from; r < Count; r++)
                    AssertSameBits(whole[r], part[r - from]);
                AssertSameBits(whole[from], DotProduct.Single(user, rows.AsSpan(from * d, d)));
                AssertSameBits(whole[from], DotProduct.Single(rows.AsSpan(from * d, d), user));
            }
        }
    }

    [Fact]
    public void The_order_of_summation_is_the_one_documented_on_every_width()
    {
        Assert.SkipUnless(
            System.Runtime.Intrinsics.X86.Fma.IsSupported || System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported || !System.Numerics.Vector.IsHardwareAccelerated,
            NoFusedMultiplyAdd);
        foreach (var d in Lengths.AroundWidths)
        {
            var user = Lengths.Random(d, d);
            var row = Lengths.Random(d, d + 1);
            AssertSameBits(DotProduct.ScalarReference(user, row), DotProduct.Single(user, row));
        }
    }

    private const string NoFusedMultiplyAdd = "This processor, or the tier under test, has no fused multiply-add.";

    [Fact]
    public void Every_component_counts_once()
    {
        foreach (var d in Lengths.AroundWidths)
        {
            var user = new float[d];
            var row = new float[d];
            for (var i = 0; i < d; i++)
            {
                Array.Clear(user);
                Array.Fill(row, 3f);
                user[i] = 2;
                Assert.Equal(6f, DotProduct.Single(user, row));
            }
        }
    }

    [Fact]
    public void Not_a_number_and_infinities_follow_ieee_754_in_their_own_row_only()
    {
        foreach (var d in Lengths.AroundWidths)
        {
            for (var at = 0; at < d; at++)
            {
                var user = new float[d];
                Array.Fill(user, 1f);
                var rows = new float[4 * d];
                rows[at] = float.NaN;
                rows[d + at] = float.PositiveInfinity;
                rows[(2 * d) + at] = float.NegativeInfinity;
                var scores = new float[4];
                DotProduct.Rows(user, rows, d, scores);
                Assert.Equal([float.NaN, float.PositiveInfinity, float.NegativeInfinity, 0f], scores);
                user[at] = 0;
                DotProduct.Rows(user, rows, d, scores);
                Assert.Equal([float.NaN, float.NaN, float.NaN, 0f], scores);
            }
        }
    }

    [Fact]
    public void Nothing_outside_the_rows_is_read()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Guard pages are mapped with Linux's mmap.");
        using var users = new GuardedFloats(512);
        using var rows = new GuardedFloats(7 * 512);
        using var results = new GuardedFloats(16);
        foreach (var d in Lengths.AroundWidths)
        {
            foreach (var count in (int[])[1, 2, 3, 4, 5, 7])
            {
                foreach (var atEnd in (bool[])[true, false])
                {
                    var user = atEnd ? users.AtEnd(d) : users.AtStart(d);
                    var guarded = atEnd ? rows.AtEnd(d * count) : rows.AtStart(d * count);
                    var scores = atEnd ? results.AtEnd(count) : results.AtStart(count);
                    user.Fill(1);
                    guarded.Fill(1);
                    DotProduct.Rows(user, guarded, d, scores);
                    Assert.Equal(d, scores[^1]);
                }
            }
        }
    }

    [Fact]
    public void Rows_may_be_the_user_vector_itself()
    {
        var vector = Lengths.Unit(1, 64, 3);
        var score = new float[1];
        DotProduct.Rows(vector, vector, 64, score);
        Assert.Equal(1f, score[0], 1e-6f);
    }

    [Fact]
    public void No_rows_and_empty_vectors_score_nothing()
    {
        DotProduct.Rows([1f], [], 1, []);
        Assert.Equal(0f, DotProduct.Single([], []));
    }

    [Fact]
    public void Misuse_is_refused()
    {
        var scores = new float[2];
        Assert.Throws<ArgumentOutOfRangeException>(() => DotProduct.Rows([], [], 0, scores));
        Assert.Throws<ArgumentException>("user", () => DotProduct.Rows([1f], [1f, 1f, 1f, 1f], 2, scores));
        Assert.Throws<ArgumentException>("rows", () => DotProduct.Rows([1f, 1f], [1f, 1f, 1f], 2, scores));
        Assert.Throws<ArgumentException>(() => DotProduct.Single([1f], [1f, 1f]));
    }

    [Fact]
    public void Scoring_allocates_nothing()
    {
        var user = Lengths.Random(64, 1);
        var rows = Lengths.Random(64 * 100, 2);
        var scores = new float[100];
        Assert.Equal(0, Allocations.AfterWarmUp(() => DotProduct.Rows(user, rows, 64, scores)));
    }

    private static void AssertSameBits(float expected, float actual) =>
        Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(actual));
}
