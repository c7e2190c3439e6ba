namespace KgOrleans.Kernels.Dot;

/// <summary>Operations on one float32 vector.</summary>
public static class VectorMath
{
    /// <summary>
    /// Scales a vector in place to Euclidean length 1 (within 2^-22; the norm is summed in double precision, so it neither overflows nor underflows).
    /// </summary>
    /// <returns>False, with the vector untouched, when it is empty, all zeros, or holds a NaN or an infinity.</returns>
    public static bool Normalise(Span<float> v)
    {
        var squares = 0d;
        foreach (var x in v)
            squares += (double)x * x;
        if (!(squares > 0) || !double.IsFinite(squares))
            return false;
        var scale = 1 / Math.Sqrt(squares);
        foreach (ref var x in v)
            x = (float)(x * scale);
        return true;
    }
}
