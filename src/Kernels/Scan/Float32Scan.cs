using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using KgOrleans.Kernels.Dot;
using KgOrleans.Kernels.TopK;

namespace KgOrleans.Kernels.Scan;

/// <summary>Scores a run of float32 rows and offers them to the users' streams in one pass: scores that cannot win are never written to memory.</summary>
public static unsafe partial class Float32Scan
{
    /// <summary>Scores of one user that are compared with the threshold at a time; they stay in the first-level cache.</summary>
    private const int Run = 1024;

    // Rows of such a run stay in the cache while users pass over them one by one.
    private const int SharedRun = 64;

    // Quantising a row for the filter costs as much as scoring it for a few users.
    private const int FilteredUsers = 5;

    /// <summary>Offers every eligible row of a block to every user. A score is the one that <see cref="DotProduct"/> gives, to the bit.</summary>
    /// <param name="users">Row-major user vectors, <c>best.Length * dimension</c> components.</param>
    /// <param name="dimension">Components of a row, at least 1; multiples of 16 up to 512 are faster.</param>
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
        if (best.Length >= FilteredUsers && dimension % 16 == 0 && dimension <= Int8Rows.LargestDimension && Vector512.IsHardwareAccelerated && Avx512BW.IsSupported)
            OfferFiltered(users, dimension, block, eligible, best);
        else
            OfferScored(users, dimension, block, eligible, best);
    }

    private static void OfferScored(ReadOnlySpan<float> users, int dimension, in Float32Block block, ReadOnlySpan<nint> eligible, ReadOnlySpan<TopKStream> best)
    {
        Span<float> scores = stackalloc float[Run];
        var most = best.Length == 1 ? Run : SharedRun;
        for (var from = 0; from < block.Count; from += most)
        {
            var run = scores[..Math.Min(most, block.Count - from)];
            var keys = block.KeyPointer is null ? default : new ReadOnlySpan<ulong>(block.KeyPointer + from, run.Length);
            var rows = new ReadOnlySpan<float>(block.RowPointer + ((nint)from * dimension), run.Length * dimension);
            for (var u = 0; u < best.Length; u++)
            {
                DotProduct.Rows(users.Slice(u * dimension, dimension), rows, dimension, run);
                var bitmap = eligible.IsEmpty ? 0 : eligible[eligible.Length == 1 ? 0 : u];
                best[u].Offer(run, keys, block.FirstRow + from, bitmap == 0 ? default : new ReadOnlySpan<ulong>((ulong*)bitmap + (from / 64), (run.Length + 63) / 64));
            }
        }
    }
}
