namespace KgOrleans.Kernels;

public static unsafe partial class Float32Scan
{
    private static void OfferScalar(ReadOnlySpan<float> users, int dimension, in Float32Block block, ReadOnlySpan<nint> eligible, ReadOnlySpan<TopKStream> best)
    {
        for (var u = 0; u < best.Length; u++)
        {
            var user = users.Slice(u * dimension, dimension);
            var bitmap = eligible.IsEmpty ? null : (ulong*)eligible[eligible.Length == 1 ? 0 : u];
            for (var r = 0; r < block.Count; r++)
            {
                if (bitmap is null || (bitmap[r >> 6] >> r & 1) != 0)
                    best[u].Offer(DotProduct.Single(user, new ReadOnlySpan<float>(block.RowPointer + ((nint)r * dimension), dimension)), block.FirstRow + r, block.KeyPointer[r]);
            }
        }
    }
}
