using KgOrleans.Inference.Features;
using KgOrleans.Inference.Graphs;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Inference;

/// <summary>
/// Computes user heads with an ONNX graph: one vector for each objective, whose dot product with an item vector is the logit of that objective. A scene weights
/// the heads (<see cref="ScenePreRank"/>), so the same item vectors serve every scene.
/// </summary>
public sealed class OnnxUserTower : IUserTower
{
    internal OnnxUserTower(GraphRunner graph) => Graph = graph;

    internal GraphRunner Graph { get; }

    /// <inheritdoc />
    public int HeadsLength => Graph.OutputWidth;

    /// <inheritdoc />
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
}
