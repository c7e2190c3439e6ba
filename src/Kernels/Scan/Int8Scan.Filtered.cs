using System.Runtime.CompilerServices;
using KgOrleans.Kernels.Dot;
using KgOrleans.Kernels.TopK;

namespace KgOrleans.Kernels.Scan;

public static unsafe partial class Int8Scan
{
    [SkipLocalsInit]
    private static void OfferFiltered(in QuantisedUsers users, in Int8Block block, ReadOnlySpan<nint> eligible, ReadOnlySpan<TopKStream> best)
    {
        fixed (short* codes = users.Codes(0))
        fixed (float* scales = users.Scales)
        {
            var last = stackalloc sbyte[CoarseRows.AtATime * users.Dimension];
            var rows = new CoarseRows(block.CodePointer, block.ScalePointer, users.Dimension, codes, scales, last);
            CoarseScan.Offer(rows, block.Count, block.FirstRow, block.KeyPointer, users.Coarse, users.Dimension, eligible, best);
        }
    }
}
