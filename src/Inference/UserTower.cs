using KgOrleans.Inference.Features;
using KgOrleans.Inference.Graphs;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Inference;

/// <summary>
/// Computes user heads: one vector for each objective, whose dot product with an item vector is the logit of that objective. A scene weights the heads
/// (<see cref="ScenePreRank"/>), so the same item vectors serve every scene.
/// </summary>
public sealed class UserTower : IDisposable
{
    internal UserTower(GraphRunner graph) => Graph = graph;

    internal GraphRunner Graph { get; }

    /// <summary>Elements of the result: objectives x embedding dimension.</summary>
    public int HeadsLength => Graph.OutputWidth;

    /// <summary>
    /// Computes the heads of a user. Throws <see cref="ArgumentException"/> for a destination that is too short, <see cref="ObjectDisposedException"/> after
    /// disposal.
    /// </summary>
    /// <param name="user">The user.</param>
    /// <param name="now">Time of the request, unix milliseconds. The snapshot's interests are weighted at its own time.</param>
    /// <param name="heads">Destination, <see cref="HeadsLength"/> values: row k is the head of objective k.</param>
    public void Compute(UserSnapshot user, long now, Span<float> heads)
    {
        if (heads.Length < HeadsLength)
            throw new ArgumentException($"has {heads.Length} elements, must have at least {HeadsLength}", nameof(heads));
        var buffers = Graph.Rent();
        try
        {
            buffers.User.Set(user);
            Graph.FillRequest(buffers, new FeatureSource(buffers.User, new RequestContext(now)));
            Graph.Run(buffers);
            buffers.Output.CopyTo(heads);
        }
        finally
        {
            Graph.Return(buffers);
        }
    }

    /// <summary>Computes the heads of a user into a new array.</summary>
    public float[] Compute(UserSnapshot user, long now)
    {
        var heads = new float[HeadsLength];
        Compute(user, now, heads);
        return heads;
    }

    /// <inheritdoc />
    public void Dispose() => Graph.Dispose();
}
