using KgOrleans.Ranking.Users;

namespace KgOrleans.Inference;

/// <summary>
/// Computes the vectors of a user, whose dot product with an item vector of the same space is a score: an ONNX graph, or the fold-in of factors.
/// </summary>
public interface IUserTower
{
    /// <summary>Components of the result: heads x dimension of an item vector.</summary>
    int HeadsLength { get; }

    /// <summary>
    /// Computes the heads of a user. Throws <see cref="ArgumentException"/> for a destination that is too short, <see cref="ObjectDisposedException"/> after
    /// disposal of a graph.
    /// </summary>
    /// <param name="user">The user.</param>
    /// <param name="now">Time of the request, unix milliseconds. The snapshot's interests are weighted at its own time.</param>
    /// <param name="heads">Destination, <see cref="HeadsLength"/> values: row k is the head of objective k.</param>
    void Compute(UserSnapshot user, long now, Span<float> heads);

    /// <summary>Computes the heads of a user into a new array.</summary>
    float[] Compute(UserSnapshot user, long now)
    {
        var heads = new float[HeadsLength];
        Compute(user, now, heads);
        return heads;
    }
}
