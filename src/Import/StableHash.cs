using System.IO.Hashing;
using System.Text;

namespace KgOrleans.Import;

/// <summary>A hash of two ids that is the same on every machine and run.</summary>
public static class StableHash
{
    /// <summary>XxHash64 of both ids.</summary>
    public static ulong Of(string first, string second, long seed) =>
        XxHash64.HashToUInt64(Encoding.UTF8.GetBytes($"{first}\t{second}"), seed);

    /// <summary>The hash as a fraction in [0, 1).</summary>
    public static double Fraction(string first, string second, long seed) => (Of(first, second, seed) >> 11) * (1.0 / (1UL << 53));
}
