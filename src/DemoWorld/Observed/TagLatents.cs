using KgOrleans.DemoWorld.Hidden;
using KgOrleans.DemoWorld.Sampling;

namespace KgOrleans.DemoWorld.Observed;

/// <summary>Direction of each tag in latent space. Genres lean towards taste clusters; other tags point anywhere.</summary>
internal sealed class TagLatents
{
    // Divides a dot product of vectors of unit variance, so that the choice of tags is noisy: a tag says something about an item, not everything.
    private const float Temperature = 4f;

    private const float GenreClusterShare = 0.6f;

    private readonly float[] _latents = new float[Names.Tags.Length * HiddenWorld.Dimension];

    public TagLatents(HiddenWorld world)
    {
        new RandomStream(world.Options.Seed, StreamPurpose.Tags).Normals(_latents);
        for (var tag = 0; tag < Names.Genres; tag++)
        {
            var center = HiddenWorld.Row(world.Centers, tag % HiddenWorld.Clusters);
            for (var d = 0; d < HiddenWorld.Dimension; d++)
            {
                ref var own = ref _latents[(tag * HiddenWorld.Dimension) + d];
                own = (MathF.Sqrt(GenreClusterShare) * center[d]) + (MathF.Sqrt(1 - GenreClusterShare) * own);
            }
        }
    }

    /// <summary>
    /// Draws distinct tags of a range, likelier when they point in the direction of a latent vector: the highest scores with Gumbel noise, highest first.
    /// </summary>
    public void Draw(ReadOnlySpan<float> latent, int from, int to, Span<int> drawn, RandomStream random)
    {
        Span<float> scores = stackalloc float[to - from];
        for (var i = 0; i < scores.Length; i++)
            scores[i] = (HiddenWorld.Dot(latent, HiddenWorld.Row(_latents, from + i)) / Temperature) + random.Gumbel();
        for (var n = 0; n < drawn.Length; n++)
        {
            var best = 0;
            for (var i = 1; i < scores.Length; i++)
            {
                if (scores[i] > scores[best])
                    best = i;
            }
            drawn[n] = from + best;
            scores[best] = float.NegativeInfinity;
        }
    }
}
