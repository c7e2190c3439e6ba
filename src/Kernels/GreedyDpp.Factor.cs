using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KgOrleans.Kernels;

/// <summary>
/// The factor of the held picks: appending one, dropping the oldest, and the arg max over candidates. Every loop runs over whole vectors (padded columns).
/// </summary>
public sealed partial class GreedyDpp
{
    // Conditions all columns on one more pick, after dropping the oldest when the window is full.
    private void Hold(ReadOnlySpan<float> vectors, ReadOnlySpan<float> contextVectors, int dimension, int candidates, int column)
    {
        // A context vector that is not finite would carry its NaN into every column.
        if (_capacity == 0 || !float.IsFinite(_variances[column]))
            return;
        if (_held == _capacity)
            DropOldest();
        var vector = column < candidates
            ? vectors.Slice(column * dimension, dimension)
            : contextVectors.Slice((column - candidates) * dimension, dimension);
        DotProduct.Rows(vector, vectors, dimension, _row.AsSpan(0, candidates));
        DotProduct.Rows(vector, contextVectors, dimension, _row.AsSpan(candidates, _columns - candidates));
        Append(column);
    }

    // e_i = (S_ji - <c_j, c_i>) / d_j; c_i gains e_i, d_i^2 loses e_i^2. A work that is no more than a copy of what is held (a context work may be) gets the
    // smallest pivot that is not noise, a ridge: it stays in the factor, in case its original leaves the window first.
    private void Append(int column)
    {
        var triangle = _triangle.AsSpan(_held * _capacity, _held + 1);
        for (var t = 0; t < _held; t++)
            triangle[t] = _factors[(t * _stride) + column];
        var variance = _variances[column];
        var pivot = MathF.Sqrt(variance >= Epsilon ? variance : Epsilon);
        triangle[_held] = pivot;

        var width = Vector<float>.Count;
        var inverse = new Vector<float>(1 / pivot);
        var half = new Vector<float>(0.5f);
        ref var factors = ref MemoryMarshal.GetArrayDataReference(_factors);
        ref var row = ref MemoryMarshal.GetArrayDataReference(_row);
        ref var variances = ref MemoryMarshal.GetArrayDataReference(_variances);
        ref var newest = ref Unsafe.Add(ref factors, _held * _stride);
        for (nint i = 0; i < _stride; i += 2 * width)
        {
            var a = Vector.MultiplyAddEstimate(Vector.LoadUnsafe(ref row, (nuint)i), half, half);
            var b = Vector.MultiplyAddEstimate(Vector.LoadUnsafe(ref row, (nuint)(i + width)), half, half);
            ref var c = ref Unsafe.Add(ref factors, i);
            for (var t = 0; t < triangle.Length - 1; t++)
            {
                var by = new Vector<float>(-triangle[t]);
                a = Vector.MultiplyAddEstimate(by, Vector.LoadUnsafe(ref c), a);
                b = Vector.MultiplyAddEstimate(by, Vector.LoadUnsafe(ref c, (nuint)width), b);
                c = ref Unsafe.Add(ref c, _stride);
            }
            Finish(a * inverse, i, ref newest, ref variances);
            Finish(b * inverse, i + width, ref newest, ref variances);
        }
        _held++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(Vector<float> e, nint i, ref float newest, ref float variances)
    {
        e.StoreUnsafe(ref newest, (nuint)i);
        (Vector.LoadUnsafe(ref variances, (nuint)i) - (e * e)).StoreUnsafe(ref variances, (nuint)i);
    }

    // Without its first row the triangle has one entry above the diagonal in each row. The rotation of columns (t, t + 1) that removes the one in row t
    // leaves earlier rows alone (they are zero there). The same rotations turn every c_i; the component that ends up last conditions nothing any more.
    private void DropOldest()
    {
        var last = _held - 1;
        for (var t = 0; t < last; t++)
        {
            var x = _triangle[((t + 1) * _capacity) + t];
            var y = _triangle[((t + 1) * _capacity) + t + 1];
            var length = MathF.Sqrt((x * x) + (y * y));
            var cosine = x / length;
            var sine = y / length;
            _cosines[t] = cosine;
            _sines[t] = sine;
            for (var r = t + 1; r <= last; r++)
            {
                ref var u = ref _triangle[(r * _capacity) + t];
                ref var v = ref _triangle[(r * _capacity) + t + 1];
                (u, v) = ((cosine * u) + (sine * v), (cosine * v) - (sine * u));
            }
        }
        for (var r = 0; r < last; r++)
            _triangle.AsSpan((r + 1) * _capacity, r + 1).CopyTo(_triangle.AsSpan(r * _capacity));

        // Two vectors a step, one multiply-add between rotations: the carried component is a chain of dependent operations.
        var width = Vector<float>.Count;
        ref var factors = ref MemoryMarshal.GetArrayDataReference(_factors);
        ref var variances = ref MemoryMarshal.GetArrayDataReference(_variances);
        ref var cosines = ref MemoryMarshal.GetArrayDataReference(_cosines);
        ref var sines = ref MemoryMarshal.GetArrayDataReference(_sines);
        for (nint i = 0; i < _stride; i += 2 * width)
        {
            ref var c = ref Unsafe.Add(ref factors, i);
            var a = Vector.LoadUnsafe(ref c);
            var b = Vector.LoadUnsafe(ref c, (nuint)width);
            for (var t = 0; t < last; t++)
            {
                var cosine = new Vector<float>(Unsafe.Add(ref cosines, t));
                var sine = new Vector<float>(Unsafe.Add(ref sines, t));
                ref var after = ref Unsafe.Add(ref c, _stride);
                var nextA = Vector.LoadUnsafe(ref after);
                var nextB = Vector.LoadUnsafe(ref after, (nuint)width);
                Vector.MultiplyAddEstimate(cosine, a, sine * nextA).StoreUnsafe(ref c);
                Vector.MultiplyAddEstimate(cosine, b, sine * nextB).StoreUnsafe(ref c, (nuint)width);
                a = Vector.MultiplyAddEstimate(-sine, a, cosine * nextA);
                b = Vector.MultiplyAddEstimate(-sine, b, cosine * nextB);
                c = ref after;
            }
            Restore(a, i, ref variances);
            Restore(b, i + width, ref variances);
        }
        _held = last;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Restore(Vector<float> dropped, nint i, ref float variances) =>
        Vector.MultiplyAddEstimate(dropped, dropped, Vector.LoadUnsafe(ref variances, (nuint)i)).StoreUnsafe(ref variances, (nuint)i);

    // Each lane keeps its first maximum (strictly greater replaces it); between lanes the lower position wins a tie.
    private (int Column, float Variance) Best()
    {
        ref var variances = ref MemoryMarshal.GetArrayDataReference(_variances);
        ref var weights = ref MemoryMarshal.GetArrayDataReference(_weights);
        var epsilon = new Vector<float>(Epsilon);
        var best = Vector<float>.Zero;
        var at = new Vector<int>(-1);
        var here = Vector<int>.Indices;
        for (nint i = 0; i < _stride; i += Vector<float>.Count)
        {
            var variance = Vector.LoadUnsafe(ref variances, (nuint)i);
            var value = variance * Vector.LoadUnsafe(ref weights, (nuint)i);
            var better = Vector.GreaterThan(value, best) & Vector.GreaterThanOrEqual(variance, epsilon);
            best = Vector.ConditionalSelect(better, value, best);
            at = Vector.ConditionalSelect(better, here, at);
            here += new Vector<int>(Vector<float>.Count);
        }
        var column = -1;
        var greatest = 0f;
        for (var lane = 0; lane < Vector<float>.Count; lane++)
        {
            if (at[lane] >= 0 && (best[lane] > greatest || (best[lane] == greatest && at[lane] < column)))
            {
                greatest = best[lane];
                column = at[lane];
            }
        }
        return column < 0 ? (-1, 0) : (column, _variances[column]);
    }
}
