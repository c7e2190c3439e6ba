namespace KgOrleans.Kernels.Dot;

public static unsafe partial class Int8Dot
{
    /// <summary>The reference: exact in int32 for the dimensions allowed.</summary>
    internal static int SumScalar(sbyte* row, short* user, int dimension)
    {
        var sum = 0;
        for (var i = 0; i < dimension; i++)
            sum += row[i] * user[i];
        return sum;
    }
}
