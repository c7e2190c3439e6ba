using System.Numerics;
using System.Runtime.InteropServices;
using KgOrleans.Kernels.Dot;

namespace KgOrleans.Kernels.Diversity;

/// <summary>For every candidate, its greatest cosine with the newest picks. A workspace: it keeps its memory.</summary>
internal sealed class SimilarityWindow
{
    // One row of cosines for each held pick, as a ring; without a window one row is enough.
    private float[] _rows = [];
    private float[] _most = [];
    private int _stride;
    private int _capacity;
    private int _held;
    private int _next;

    /// <summary>Greatest cosine of each candidate with a held pick; minus infinity while none is held.</summary>
    public ReadOnlySpan<float> Most(int candidates) => _most.AsSpan(0, candidates);

    /// <summary>Starts without picks.</summary>
    /// <param name="candidates">Number of candidates.</param>
    /// <param name="window">Each pick looks at the <c>window - 1</c> newest before it; 0 for all.</param>
    /// <param name="picks">Picks to come: a window beyond them is none.</param>
    public void Reset(int candidates, int window, int picks)
    {
        _capacity = window == 0 || window > picks ? -1 : window - 1;
        _held = 0;
        _next = 0;
        _stride = (candidates + Vector<float>.Count - 1) / Vector<float>.Count * Vector<float>.Count;
        var rows = checked(Math.Max(1, _capacity) * _stride);
        if (_rows.Length < rows)
            _rows = new float[rows];
        if (_most.Length < _stride)
            _most = new float[_stride];
        _most.AsSpan(0, _stride).Fill(float.NegativeInfinity);
    }

    /// <summary>Starts with the newest items that were served before.</summary>
    public void Reset(ReadOnlySpan<float> vectors, int dimension, int candidates, ReadOnlySpan<float> contextVectors, int picks, int window)
    {
        var served = contextVectors.Length / dimension;
        var context = window == 0 ? served : Math.Min(served, window - 1);
        Reset(candidates, window, context + picks);
        for (var c = served - context; c < served; c++)
            Hold(contextVectors.Slice(c * dimension, dimension), vectors, dimension, candidates);
    }

    /// <summary>Holds one more pick, instead of the oldest when the window is full.</summary>
    public void Hold(ReadOnlySpan<float> vectors, int dimension, int pick, int candidates) =>
        Hold(vectors.Slice(pick * dimension, dimension), vectors, dimension, candidates);

    private void Hold(ReadOnlySpan<float> vector, ReadOnlySpan<float> vectors, int dimension, int candidates)
    {
        if (_capacity == 0)
            return;
        var row = _rows.AsSpan(_capacity < 0 ? 0 : _next * _stride, _stride);
        DotProduct.Rows(vector, vectors[..(candidates * dimension)], dimension, row[..candidates]);
        row[candidates..].Clear();
        // What is not a number is as alike as can be: it comes last.
        foreach (ref var cosine in row)
            cosine = float.IsNaN(cosine) ? 1 : cosine;
        var most = _most.AsSpan(0, _stride);
        if (_capacity < 0)
        {
            Raise(most, row);
            return;
        }
        _next = (_next + 1) % _capacity;
        _held = Math.Min(_held + 1, _capacity);
        most.Fill(float.NegativeInfinity);
        for (var held = 0; held < _held; held++)
            Raise(most, _rows.AsSpan(held * _stride, _stride));
    }

    private static void Raise(Span<float> most, ReadOnlySpan<float> row)
    {
        var to = MemoryMarshal.Cast<float, Vector<float>>(most);
        var from = MemoryMarshal.Cast<float, Vector<float>>(row);
        for (var i = 0; i < to.Length; i++)
            to[i] = Vector.Max(to[i], from[i]);
    }
}
