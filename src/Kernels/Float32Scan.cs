namespace KgOrleans.Kernels;

/// <summary>Scores a run of float32 rows and offers them to the users' streams in one pass: scores that cannot win are never written to memory.</summary>
public static unsafe partial class Float32Scan
{
    /// <summary>Offers every eligible row of a block to every user. A score is the one that <see cref="DotProduct"/> gives, to the bit.</summary>
    /// <param name="users">Row-major user vectors, <c>best.Length * dimension</c> components.</param>
    /// <param name="dimension">Components of a row, at least 1; multiples of 16 have no tail.</param>
    /// <param name="block">The rows, with keys.</param>
    /// <param name="eligible">Bitmaps of the block's rows: word 0, bit 0 is its first row. Empty: all rows may win. One pointer: shared by all users. Otherwise
    /// one pointer a user, of which 0 stands for all rows.</param>
    /// <param name="best">One stream a user.</param>
    /// <exception cref="ArgumentOutOfRangeException">The dimension is not positive.</exception>
    /// <exception cref="ArgumentException">Lengths do not match.</exception>
    public static void Offer(ReadOnlySpan<float> users, int dimension, in Float32Block block, ReadOnlySpan<nint> eligible, ReadOnlySpan<TopKStream> best)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        if (users.Length != (long)best.Length * dimension)
            throw new ArgumentException($"{best.Length} users of {dimension} components do not make {users.Length} values.", nameof(users));
        if (eligible.Length > 1 && eligible.Length != best.Length)
            throw new ArgumentException($"{eligible.Length} bitmaps for {best.Length} users.", nameof(eligible));
        OfferScalar(users, dimension, block, eligible, best);
    }
}
