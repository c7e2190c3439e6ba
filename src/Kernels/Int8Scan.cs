namespace KgOrleans.Kernels;

/// <summary>Scores a run of 8-bit rows and offers them to the users' streams in one pass: scores that cannot win are never written to memory.</summary>
public static unsafe partial class Int8Scan
{
    /// <summary>Offers every eligible row of a block to every user.</summary>
    /// <param name="users">Users; the block's rows have their dimension.</param>
    /// <param name="block">The rows, with keys.</param>
    /// <param name="eligible">Bitmaps of the block's rows: word 0, bit 0 is its first row. Empty: all rows may win. One pointer: shared by all users. Otherwise
    /// one pointer a user, of which 0 stands for all rows.</param>
    /// <param name="best">One stream a user.</param>
    /// <exception cref="ArgumentException">The number of streams or bitmaps does not match the users.</exception>
    public static void Offer(in QuantisedUsers users, in Int8Block block, ReadOnlySpan<nint> eligible, ReadOnlySpan<TopKStream> best)
    {
        if (best.Length != users.Count)
            throw new ArgumentException($"{best.Length} streams for {users.Count} users.", nameof(best));
        if (eligible.Length > 1 && eligible.Length != users.Count)
            throw new ArgumentException($"{eligible.Length} bitmaps for {users.Count} users.", nameof(eligible));
        OfferScalar(users, block, eligible, best);
    }
}
