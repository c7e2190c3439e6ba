using KgOrleans.Kernels.Dot;
using KgOrleans.Kernels.Scan;
using KgOrleans.Kernels.TopK;

namespace KgOrleans.Lab.Bench;

/// <summary>Rows as a partition holds them, in chunks, and users to score them for.</summary>
internal sealed class KernelRows : IDisposable
{
    private const int ChunkShift = 12;

    private readonly KernelMemory? _vectors;
    private readonly KernelMemory _codes;
    private readonly KernelMemory _residuals;
    private readonly KernelMemory _scales;
    private readonly KernelMemory _keys;
    private readonly nint[] _codeChunks;
    private readonly nint[] _scaleChunks;
    private readonly nint[] _residualChunks;

    /// <summary>Makes and quantises rows.</summary>
    public KernelRows(int count, int dimension, ulong seed, bool keepVectors)
    {
        Count = count;
        Dimension = dimension;
        var vectors = new KernelMemory((long)count * dimension * sizeof(float));
        vectors.FillUniform(seed);
        _codes = new KernelMemory((long)count * dimension);
        _residuals = new KernelMemory((long)count * dimension);
        _scales = new KernelMemory((long)count * sizeof(float));
        _keys = new KernelMemory((long)count * sizeof(ulong));
        for (var r = 0; r < count; r++)
        {
            var at = (long)r * dimension;
            _scales.Span<float>(r, 1)[0] = Int8Rows.Quantise(
                vectors.Span<float>(at, dimension), _codes.Span<sbyte>(at, dimension), _residuals.Span<sbyte>(at, dimension));
            _keys.Span<ulong>(r, 1)[0] = (ulong)(r + 1) * 0x9E3779B97F4A7C15;
        }
        if (keepVectors)
            _vectors = vectors;
        else
            vectors.Dispose();
        var chunks = (count + (1 << ChunkShift) - 1) >> ChunkShift;
        _codeChunks = [.. Enumerable.Range(0, chunks).Select(c => _codes.At(((long)c << ChunkShift) * dimension))];
        _residualChunks = [.. Enumerable.Range(0, chunks).Select(c => _residuals.At(((long)c << ChunkShift) * dimension))];
        _scaleChunks = [.. Enumerable.Range(0, chunks).Select(c => _scales.At(((long)c << ChunkShift) * sizeof(float)))];
    }

    public int Count { get; }

    public int Dimension { get; }

    public long CodeBytes => (long)Count * (Dimension + sizeof(float));

    public Int8Table Table => new(_codeChunks, _scaleChunks, _residualChunks, ChunkShift, Count);

    /// <summary>A plain pass over codes and scales.</summary>
    public void PassCodes()
    {
        KernelMemory.Pass(_codes.At(0), (long)Count * Dimension);
        KernelMemory.Pass(_scales.At(0), (long)Count * sizeof(float));
    }

    /// <summary>The best of the float32 rows for one user, by sorting: what the 8-bit scan is compared with.</summary>
    public void ExactBest(ReadOnlySpan<float> user, int k, Span<int> found)
    {
        var scores = new float[Count];
        DotProduct.Rows(user, _vectors!.Span<float>(0, Count * Dimension), Dimension, scores);
        TopKSelection.Select(scores, _keys.Span<ulong>(0, Count), k, found);
    }

    /// <summary>The best of the 8-bit rows for all users.</summary>
    public void ScanCodes(ReadOnlySpan<float> users, Span<byte> memory, TopKStream[] best, Span<int> found)
    {
        foreach (var stream in best)
            stream.Reset(stream.K);
        var packed = QuantisedUsers.Pack(users, Dimension, memory);
        for (var from = 0; from < Count; from += 1 << ChunkShift)
        {
            var block = new Int8Block(
                _codes.At((long)from * Dimension), _scales.At((long)from * sizeof(float)), _keys.At((long)from * sizeof(ulong)), from, Math.Min(
                    1 << ChunkShift, Count - from));
            Int8Scan.Offer(packed, block, [], best);
        }
        foreach (var stream in best)
            stream.Complete(found);
    }

    /// <summary>The exact best of the 8-bit rows re-scored from their residuals: twice k by codes, k of those by both planes.</summary>
    public int BestOfReScored(ReadOnlySpan<float> user, int k, Span<int> found)
    {
        var stream = new TopKStream(2 * k);
        var rows = new int[2 * k];
        var keys = new ulong[2 * k];
        var scores = new float[2 * k];
        ScanCodes(user, new byte[QuantisedUsers.BytesFor(1, Dimension)], [stream], rows);
        for (var i = 0; i < rows.Length; i++)
            keys[i] = _keys.Span<ulong>(rows[i], 1)[0];
        Int8Rescore.Gather(user, Table, rows, scores);
        stream.Reset(k);
        stream.Offer(scores, keys, rows);
        return stream.Complete(found);
    }

    public void Dispose()
    {
        foreach (var memory in (KernelMemory?[])[_vectors, _codes, _residuals, _scales, _keys])
            memory?.Dispose();
    }
}
