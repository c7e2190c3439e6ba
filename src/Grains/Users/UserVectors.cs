using System.Runtime.InteropServices;
using KgOrleans.Inference;
using KgOrleans.Inference.Bundles;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Users;

/// <summary>What the user's graphs of a bundle compute, float32.</summary>
/// <param name="Heads">Heads of the user tower, objectives x dimension; empty when it gave a number that is not finite.</param>
/// <param name="Recall">Vector of the recall head; empty without one, and when it gave a number that is not finite.</param>
internal sealed record UserVectors(byte[] Heads, byte[] Recall)
{
    /// <summary>Nothing could be computed.</summary>
    public static readonly UserVectors None = new([], []);

    /// <summary>The vectors of a user as of a time.</summary>
    public static UserVectors Of(ModelBundle bundle, UserSnapshot user, long at) =>
        new(Bytes(bundle.UserTower, user, at), bundle.RecallUser is { } head ? Bytes(head, user, at) : []);

    private static byte[] Bytes(IUserTower tower, UserSnapshot user, long at)
    {
        var vector = tower.Compute(user, at);
        return Array.TrueForAll(vector, float.IsFinite) ? MemoryMarshal.AsBytes(vector.AsSpan()).ToArray() : [];
    }
}
