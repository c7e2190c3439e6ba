using KgOrleans.Kernels.Dot;
using KgOrleans.TestSupport;

namespace KgOrleans.Kernels.Tests;

[Trait("Suite", "Unit")]
public class VectorTests
{
    [Fact]
    public void Normalising_gives_length_one_and_keeps_the_direction()
    {
        foreach (var d in Lengths.AroundWidths)
        {
            foreach (var scale in (float[])[1e-38f, 1f, 1e37f])
            {
                var original = Lengths.Random(d, d);
                foreach (ref var x in original.AsSpan())
                    x *= scale;
                var norm = Math.Sqrt(original.Sum(x => (double)x * x));
                var vector = (float[])original.Clone();
                Assert.True(VectorMath.Normalise(vector));
                Assert.Equal(1, Math.Sqrt(vector.Sum(x => (double)x * x)), Math.Pow(2, -22));
                for (var i = 0; i < d; i++)
                    Assert.Equal(original[i] / norm, vector[i], 1e-6);
            }
        }
    }

    [Theory]
    [InlineData(0f, 0f)]
    [InlineData(float.NaN, 1f)]
    [InlineData(1f, float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity, 0f)]
    public void A_vector_without_direction_is_left_untouched(float x, float y)
    {
        float[] vector = [x, y];
        Assert.False(VectorMath.Normalise(vector));
        Assert.Equal([x, y], vector);
        Assert.False(VectorMath.Normalise([]));
    }

    [Fact]
    public void A_hashed_direction_is_a_unit_vector_that_depends_on_the_key_alone()
    {
        foreach (var d in Lengths.AroundWidths)
        {
            var once = new float[d];
            var again = Lengths.Random(d, 1);
            HashedDirection.Fill(42, once);
            HashedDirection.Fill(42, again);
            Assert.Equal(once, again);
            Assert.Equal(1, Math.Sqrt(once.Sum(x => (double)x * x)), Math.Pow(2, -22));
        }
    }

    [Fact]
    public void Hashed_directions_are_pinned_so_that_stored_answers_stay_comparable()
    {
        var direction = new float[4];
        HashedDirection.Fill(1, direction);
        Assert.Equal(Pinned, direction);
    }

    private static readonly float[] Pinned = [0.652766645f, -0.187707439f, 0.350075394f, 0.64506501f];

    [Fact]
    public void Hashed_directions_of_near_keys_are_nearly_orthogonal_and_centred()
    {
        const int D = 64;
        const int Count = 400;
        const ulong GoldenStep = 0x9E3779B97F4A7C15;
        foreach (var step in (ulong[])[1, GoldenStep])
        {
            var vectors = new float[Count * D];
            var key = 0UL;
            for (var i = 0; i < Count; i++, key += step)
                HashedDirection.Fill(key, vectors.AsSpan(i * D, D));
            var squares = 0d;
            for (var i = 0; i < Count; i++)
            {
                for (var j = 0; j < i; j++)
                {
                    var cosine = DotProduct.Single(vectors.AsSpan(i * D, D), vectors.AsSpan(j * D, D));
                    Assert.InRange(cosine, -0.75f, 0.75f);
                    squares += (double)cosine * cosine;
                }
            }
            // The mean square cosine of independent directions is 1/D.
            Assert.Equal(1d / D, squares / (Count * (Count - 1) / 2), 0.001);
            for (var component = 0; component < D; component++)
            {
                var mean = 0d;
                for (var i = 0; i < Count; i++)
                    mean += vectors[(i * D) + component] / Count;
                Assert.InRange(mean, -0.03, 0.03);
            }
        }
    }

    [Fact]
    public void Filling_and_normalising_allocate_nothing()
    {
        var vector = new float[64];
        Assert.Equal(0, Allocations.AfterWarmUp(() => HashedDirection.Fill(7, vector)));
    }
}
