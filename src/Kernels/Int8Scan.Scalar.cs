namespace KgOrleans.Kernels;

public static unsafe partial class Int8Scan
{
    private static void OfferScalar(in QuantisedUsers users, in Int8Block block, ReadOnlySpan<nint> eligible, ReadOnlySpan<TopKStream> best)
    {
        for (var u = 0; u < users.Count; u++)
        {
            var bitmap = eligible.IsEmpty ? null : (ulong*)eligible[eligible.Length == 1 ? 0 : u];
            fixed (short* user = users.Codes(u))
            {
                for (var r = 0; r < block.Count; r++)
                {
                    if (bitmap is not null && (bitmap[r >> 6] >> r & 1) == 0)
                        continue;
                    var sum = Int8Dot.SumScalar(block.CodePointer + ((nint)r * users.Dimension), user, users.Dimension);
                    best[u].Offer(Int8Dot.Score(sum, block.ScalePointer[r], users.Scale(u)), block.FirstRow + r, block.KeyPointer[r]);
                }
            }
        }
    }
}
