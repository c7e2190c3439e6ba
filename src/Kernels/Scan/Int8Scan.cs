using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KgOrleans.Kernels.Dot;
using KgOrleans.Kernels.TopK;

namespace KgOrleans.Kernels.Scan;

/// <summary>Scores a run of 8-bit rows and offers them to the users' streams in one pass: scores that cannot win are never written to memory.</summary>
public static unsafe partial class Int8Scan
{
    /// <summary>Scores of one user that are compared with the threshold at a time; they stay in the first-level cache.</summary>
    private const int Run = 1024;

    // Fewer users than this would leave too much of a tile of the filter empty: scoring them one by one is as fast.
    private const int FilteredUsers = 6;

    // The filter keeps bounds and hits of every user on the stack.
    private const int MostFilteredUsers = 4096;

    /// <summary>Offers every eligible row of a block to every user. A score is the one that <see cref="Int8Dot"/> gives, to the bit.</summary>
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
        if (users.Count is >= FilteredUsers and <= MostFilteredUsers && Vector512.IsHardwareAccelerated && Avx512BW.IsSupported)
            OfferFiltered(users, block, eligible, best);
        else
            OfferScored(users, block, eligible, best);
    }

    // One user: memory is the limit. Many without the filter: each run of rows is read from memory once and from the cache by the other users.
    private static void OfferScored(in QuantisedUsers users, in Int8Block block, ReadOnlySpan<nint> eligible, ReadOnlySpan<TopKStream> best)
    {
        Span<float> scores = stackalloc float[Run];
        for (var from = 0; from < block.Count; from += Run)
        {
            var run = scores[..Math.Min(Run, block.Count - from)];
            var keys = block.KeyPointer is null ? default : new ReadOnlySpan<ulong>(block.KeyPointer + from, run.Length);
            for (var u = 0; u < users.Count; u++)
            {
                Int8Dot.Rows(users, u, block, from, run.Length, run);
                var bitmap = eligible.IsEmpty ? 0 : eligible[eligible.Length == 1 ? 0 : u];
                best[u].Offer(
                    run, keys, block.FirstRow + from, bitmap == 0 ? default : new ReadOnlySpan<ulong>((ulong*)bitmap + (from / 64), (run.Length + 63) / 64));
            }
        }
    }
}
