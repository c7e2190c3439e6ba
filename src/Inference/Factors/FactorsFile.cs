using System.Buffers.Binary;
using System.Runtime.InteropServices;
using KgOrleans.Inference.Bundles;
using KgOrleans.Ranking.Factors;

namespace KgOrleans.Inference.Factors;

/// <summary>
/// <c>factors.bin</c>, little-endian: the bytes <c>KGFACTOR</c>; format, dimension d, items n and tokens t as int32; n item keys and t token keys as uint64,
/// each ascending; the Gram matrix, d x d float64; then float32: n item vectors, t token vectors, the mean item, the mean user.
/// </summary>
public static class FactorsFile
{
    /// <summary>The format that this code writes and reads.</summary>
    public const int Format = 1;

    private const int HeaderBytes = 24;

    // Sums of float32 values in another order differ by far less.
    private const double GramTolerance = 1e-3;

    private static ReadOnlySpan<byte> Magic => "KGFACTOR"u8;

    /// <summary>Bytes of a file.</summary>
    public static long SizeOf(long items, long tokens, long dimension) =>
        HeaderBytes + ((items + tokens) * (sizeof(ulong) + (dimension * sizeof(float)))) + (dimension * dimension * sizeof(double))
            + (2 * dimension * sizeof(float));

    /// <summary>Writes a space.</summary>
    public static void Write(Stream stream, FactorSpace space)
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        Magic.CopyTo(header);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], Format);
        BinaryPrimitives.WriteInt32LittleEndian(header[12..], space.Model.Dimension);
        BinaryPrimitives.WriteInt32LittleEndian(header[16..], space.Keys.Length);
        BinaryPrimitives.WriteInt32LittleEndian(header[20..], space.Content.Tokens.Length);
        stream.Write(header);
        Write<ulong>(stream, space.Keys);
        Write<ulong>(stream, space.Content.Tokens);
        Write<double>(stream, space.Model.Gram);
        Write<float>(stream, space.Model.Items);
        Write<float>(stream, space.Content.Vectors);
        Write<float>(stream, space.Content.Mean);
        Write<float>(stream, space.Everyone);
    }

    /// <summary>Reads a space; null, with every difference, when the bytes are not what the manifest says.</summary>
    internal static FactorSpace? Read(byte[] bytes, FactorsSection section, List<string> differences)
    {
        const string File = BundleFiles.Factors;
        var before = differences.Count;
        if (bytes.Length < HeaderBytes || !bytes.AsSpan().StartsWith(Magic))
        {
            differences.Add($"{File}: is not a file of factors");
            return null;
        }
        Expect("format", 8, Format);
        Expect("dimension", 12, section.Settings.Dimension);
        Expect("items", 16, section.Items);
        Expect("tokens", 20, section.Tokens);
        if (section.Items < 1 || section.Tokens < 0)
            differences.Add($"manifest: factors has {section.Items} items and {section.Tokens} tokens, must have at least 1 and 0");
        if (differences.Count > before)
            return null;
        var (d, n, t) = (section.Settings.Dimension, section.Items, section.Tokens);
        if (SizeOf(n, t, d) is var size && bytes.Length != size)
        {
            differences.Add($"{File}: has {bytes.Length} bytes, {n} items, {t} tokens and {d} dimensions need {size}");
            return null;
        }
        var rest = bytes.AsSpan(HeaderBytes);
        var keys = Take<ulong>(ref rest, n);
        var tokens = Take<ulong>(ref rest, t);
        var gram = Take<double>(ref rest, d * d);
        var items = Take<float>(ref rest, n * d);
        var vectors = Take<float>(ref rest, t * d);
        var mean = Take<float>(ref rest, d);
        var everyone = Take<float>(ref rest, d);
        if (!IsAscending(keys) || !IsAscending(tokens))
            differences.Add($"{File}: keys are not in ascending order, each once");
        if (!AllFinite(items) || !AllFinite(vectors) || !AllFinite(mean) || !AllFinite(everyone) || !Array.TrueForAll(gram, double.IsFinite))
            differences.Add($"{File}: has numbers that are not finite");
        else if (!IsGramOf(gram, items, d))
            differences.Add($"{File}: the Gram matrix is not that of the item vectors");
        return differences.Count > before
            ? null
            : new FactorSpace(keys, new FactorModel(section.Settings, items, gram), new ContentFactors(mean, tokens, vectors), everyone);

        void Expect(string what, int at, int expected)
        {
            if (BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at)) is var actual && actual != expected)
                differences.Add($"{File}: {what} is {actual}, the manifest says {expected}");
        }
    }

    private static void Write<T>(Stream stream, ReadOnlySpan<T> values)
        where T : unmanaged => stream.Write(MemoryMarshal.AsBytes(values));

    private static T[] Take<T>(ref Span<byte> rest, int count)
        where T : unmanaged
    {
        var values = new T[count];
        var bytes = MemoryMarshal.AsBytes(values.AsSpan());
        rest[..bytes.Length].CopyTo(bytes);
        rest = rest[bytes.Length..];
        return values;
    }

    private static bool IsAscending(ulong[] keys)
    {
        for (var i = 1; i < keys.Length; i++)
        {
            if (keys[i] <= keys[i - 1])
                return false;
        }
        return true;
    }

    private static bool AllFinite(float[] values) => Array.TrueForAll(values, float.IsFinite);

    // The diagonal tells a matrix of other vectors; the whole would take as long as an epoch of the fit.
    private static bool IsGramOf(double[] gram, float[] items, int dimension)
    {
        var diagonal = new double[dimension];
        for (var i = 0; i < items.Length; i++)
            diagonal[i % dimension] += (double)items[i] * items[i];
        for (var i = 0; i < dimension; i++)
        {
            if (Math.Abs(diagonal[i] - gram[(i * dimension) + i]) > GramTolerance * Math.Max(1e-9, diagonal[i]))
                return false;
            for (var j = 0; j < i; j++)
            {
                var (one, other) = (gram[(i * dimension) + j], gram[(j * dimension) + i]);
                // Cauchy and Schwarz: no entry is larger than its two on the diagonal allow.
                if (one != other || one * one > (1 + GramTolerance) * diagonal[i] * diagonal[j])
                    return false;
            }
        }
        return true;
    }
}
