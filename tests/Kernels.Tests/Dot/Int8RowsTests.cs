using CsCheck;
using KgOrleans.Kernels.Dot;
using KgOrleans.TestSupport;

namespace KgOrleans.Kernels.Tests;

[Trait("Suite", "Unit")]
public class Int8RowsTests
{
    // float32 rounding in the products that quantise and restore.
    private const double Rounding = 1d / (1 << 21);

    [Fact]
    public void Codes_and_residuals_restore_a_row_within_the_stated_errors()
    {
        Gen.Select(Gen.Int[1, 300], Gen.Int[0, 1_000_000], Gen.Double[-25, 25]).Sample((length, seed, exponent) =>
        {
            var row = Lengths.Random(length, seed);
            foreach (ref var x in row.AsSpan())
                x *= (float)Math.Pow(10, exponent);
            var codes = new sbyte[length];
            var again = new sbyte[length];
            var residuals = new sbyte[length];
            var scale = Int8Rows.Quantise(row, codes, residuals);
            Assert.Equal(scale, Int8Rows.Quantise(row, again));
            Assert.Equal(codes, again);
            Assert.DoesNotContain((sbyte)-128, codes);
            var largest = (double)row.Max(Math.Abs);
            Assert.Equal(largest / 127, scale, largest * Rounding);
            var coarse = new float[length];
            var fine = new float[length];
            Int8Rows.Dequantise(codes, scale, coarse);
            Int8Rows.Dequantise(codes, residuals, scale, fine);
            for (var i = 0; i < length; i++)
            {
                Assert.InRange(Math.Abs((double)row[i] - coarse[i]), 0, ((double)scale / 2) + (largest * Rounding));
                Assert.InRange(Math.Abs((double)row[i] - fine[i]), 0, ((double)scale / 508) + (largest * Rounding));
            }
        });
    }

    [Fact]
    public void A_code_depends_on_its_component_and_the_largest_alone()
    {
        // Whole blocks and the rest after them take different paths.
        var row = Lengths.Random(67, 5);
        row[66] = 1.5f;
        var codes = new sbyte[67];
        var residuals = new sbyte[67];
        var scale = Int8Rows.Quantise(row, codes, residuals);
        for (var i = 0; i < 66; i++)
        {
            float[] pair = [row[i], 1.5f];
            var single = new sbyte[2];
            var rest = new sbyte[2];
            Assert.Equal(scale, Int8Rows.Quantise(pair, single, rest));
            Assert.Equal(codes[i], single[0]);
            Assert.Equal(residuals[i], rest[0]);
        }
    }

    [Fact]
    public void Halves_round_to_even()
    {
        float[] row = [127, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -126.5f];
        var codes = new sbyte[row.Length];
        Assert.Equal(1f, Int8Rows.Quantise(row, codes));
        Assert.Equal([127, 0, 2, 2, 0, -2, -126], codes);
    }

    [Fact]
    public void Rows_of_zeros_and_of_nearly_nothing_have_scale_zero()
    {
        foreach (var value in (float[])[0, -0f, float.Epsilon, -1e-31f])
        {
            sbyte[] codes = [1, 2];
            sbyte[] residuals = [3, 4];
            Assert.Equal(0f, Int8Rows.Quantise([value, value], codes, residuals));
            Assert.Equal([0, 0], codes);
            Assert.Equal([0, 0], residuals);
        }
    }

    [Fact]
    public void A_row_that_is_not_finite_has_no_scale_wherever_the_bad_component_is()
    {
        foreach (var bad in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            for (var at = 0; at < 33; at++)
            {
                var row = Lengths.Random(33, at);
                row[at] = bad;
                var codes = new sbyte[33];
                Array.Fill(codes, (sbyte)5);
                Assert.Equal(float.NaN, Int8Rows.Quantise(row, codes));
                Assert.All(codes, code => Assert.Equal(0, code));
            }
        }
    }

    [Fact]
    public void Misuse_is_refused()
    {
        Assert.Throws<ArgumentException>("codes", () => Int8Rows.Quantise([1f], new sbyte[2]));
        Assert.Throws<ArgumentException>("residuals", () => Int8Rows.Quantise([1f], new sbyte[1], new sbyte[2]));
        Assert.Throws<ArgumentException>("row", () => Int8Rows.Dequantise([1], 1, new float[2]));
        Assert.Throws<ArgumentException>("row", () => Int8Rows.Dequantise([1], [1, 2], 1, new float[1]));
        foreach (var dimension in (int[])[-16, 0, 1, 15, 17, 528])
            Assert.Throws<ArgumentOutOfRangeException>(
                "dimension", () => QuantisedUsers.Pack(new float[Math.Max(1, Math.Abs(dimension))], dimension, new byte[9000]).Count);
        Assert.Throws<ArgumentException>("users", () => QuantisedUsers.Pack(new float[17], 16, new byte[9000]).Count);
        Assert.Throws<ArgumentException>("users", () => QuantisedUsers.Pack([], 16, new byte[9000]).Count);
        Assert.Throws<ArgumentException>("memory", () => QuantisedUsers.Pack(new float[16], 16, new byte[QuantisedUsers.BytesFor(1, 16) - 1]).Count);
    }

    [Fact]
    public void Quantising_allocates_nothing()
    {
        var row = Lengths.Random(64, 1);
        var codes = new sbyte[64];
        var residuals = new sbyte[64];
        var memory = new byte[QuantisedUsers.BytesFor(1, 64)];
        Assert.Equal(0, Allocations.AfterWarmUp(() => Int8Rows.Quantise(row, codes, residuals)));
        Assert.Equal(0, Allocations.AfterWarmUp(() => Int8Rows.Dequantise(codes, residuals, 1, row)));
        Assert.Equal(0, Allocations.AfterWarmUp(() => QuantisedUsers.Pack(row, 64, memory)));
    }
}
