using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace KgOrleans.Kernels.Diversity;

/// <summary>
/// The factor of the held picks: one pass over the columns drops the oldest pick, appends the newest and finds the greatest gain. A block of four vectors of
/// columns goes through all of it while it is in registers and in the first-level cache: the rows of L, the c vectors and the variances are read once a pick.
/// </summary>
public abstract partial class GreedyDpp<T>
{
    private static int Width => 4 * Vector<T>.Count;

    // d_i^2 without picks, (1 + |f_i|^2) / 2, and the greatest gain.
    private void Measure()
    {
        var half = new Vector<T>(T.CreateChecked(0.5));
        var greatest = Vector<T>.Zero;
        ref var at = ref MemoryMarshal.GetArrayDataReference(_vectors);
        for (var from = 0; from < _columns; from += Width)
        {
            for (var v = 0; v < 4; v++)
            {
                var sum = half;
                for (nint c = 0; c < _dimension; c++)
                {
                    var x = Vector.LoadUnsafe(ref at, (nuint)((c * Width) + (v * Vector<T>.Count)));
                    sum = MultiplyAdd(x * half, x, sum);
                }
                Keep(sum, from + (v * Vector<T>.Count), ref greatest);
            }
            at = ref Unsafe.Add(ref at, _dimension * Width);
        }
        SetGreatest(greatest);
    }

    // Conditions all columns on one more pick, after dropping the oldest when the window is full.
    private void Hold(ReadOnlySpan<T> vector, int column)
    {
        // A context vector that is not finite would carry its NaN into every column.
        if (_capacity == 0 || !T.IsFinite(_variances[column]))
        {
            Measure(_variances);
            return;
        }
        var half = T.CreateChecked(0.5);
        for (var c = 0; c < vector.Length; c++)
            _pick[c] = vector[c] * half;
        var rotations = _held == _capacity ? RotateTriangle() : -1;
        var inverse = T.One / AppendToTriangle(column, rotations);
        if (rotations < 0)
            Pass<Appending>(inverse, 0);
        else
            Pass<Rotating>(inverse, rotations);
        _held++;
    }

    // Without its first row the triangle has one entry above the diagonal in each row. The rotation of columns (t, t + 1) that removes the one in row t
    // leaves earlier rows alone (they are zero there). The same rotations turn every c_i; the component that ends up last conditions nothing any more.
    private int RotateTriangle()
    {
        var last = _held - 1;
        for (var t = 0; t < last; t++)
        {
            var x = _triangle[((t + 1) * _capacity) + t];
            var y = _triangle[((t + 1) * _capacity) + t + 1];
            var length = T.Sqrt((x * x) + (y * y));
            var (cosine, sine) = (x / length, y / length);
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
        _held = last;
        return last;
    }

    // The new row is the pick's c vector, rotated like all others, and the root of its d^2, which the dropped component has gone back to. An item that is no
    // more than a copy of what is held (a context item may be) gets the smallest pivot that is not noise, a ridge: it stays in the factor, in case its original
    // leaves first.
    private T AppendToTriangle(int column, int rotations)
    {
        var row = _triangle.AsSpan(_held * _capacity, _held + 1);
        var at = ((column / Width * _capacity) * Width) + (column % Width);
        var variance = _variances[column];
        if (rotations < 0)
        {
            for (var t = 0; t < _held; t++)
                row[t] = _factors[at + (t * Width)];
        }
        else
        {
            var carried = _factors[at];
            for (var t = 0; t < rotations; t++)
            {
                var next = _factors[at + ((t + 1) * Width)];
                row[t] = (_cosines[t] * carried) + (_sines[t] * next);
                carried = (_cosines[t] * next) - (_sines[t] * carried);
            }
            variance += carried * carried;
        }
        return row[_held] = T.Sqrt(variance >= _epsilon ? variance : _epsilon);
    }

    // e_i = (S_ji - <c_j, c_i>) / d_j; c_i gains e_i, d_i^2 loses e_i^2. When the window is full c_i is rotated on the way, one multiply-add between rotations:
    // the carried component is a chain of dependent operations, four of which run side by side.
    private void Pass<TStep>(T inverse, int rotations)
        where TStep : struct, IStep
    {
        var half = new Vector<T>(T.CreateChecked(0.5));
        var scale = new Vector<T>(inverse);
        var greatest = Vector<T>.Zero;
        var width = Width;
        nuint lane = (nuint)Vector<T>.Count;
        ref var vectors = ref MemoryMarshal.GetArrayDataReference(_vectors);
        ref var factors = ref MemoryMarshal.GetArrayDataReference(_factors);
        ref var pick = ref MemoryMarshal.GetArrayDataReference(_pick);
        ref var triangle = ref _triangle[_held * _capacity];
        for (var from = 0; from < _columns; from += width)
        {
            Vector<T> e0 = half, e1 = half, e2 = half, e3 = half;
            ref var x = ref vectors;
            for (nint c = 0; c < _dimension; c++)
            {
                var u = new Vector<T>(Unsafe.Add(ref pick, c));
                e0 = MultiplyAdd(u, Vector.LoadUnsafe(ref x), e0);
                e1 = MultiplyAdd(u, Vector.LoadUnsafe(ref x, lane), e1);
                e2 = MultiplyAdd(u, Vector.LoadUnsafe(ref x, 2 * lane), e2);
                e3 = MultiplyAdd(u, Vector.LoadUnsafe(ref x, 3 * lane), e3);
                x = ref Unsafe.Add(ref x, width);
            }
            vectors = ref x;

            ref var factor = ref factors;
            if (TStep.Rotates)
            {
                var c0 = Vector.LoadUnsafe(ref factor);
                var c1 = Vector.LoadUnsafe(ref factor, lane);
                var c2 = Vector.LoadUnsafe(ref factor, 2 * lane);
                var c3 = Vector.LoadUnsafe(ref factor, 3 * lane);
                for (nint t = 0; t < rotations; t++)
                {
                    var cosine = new Vector<T>(_cosines[t]);
                    var sine = new Vector<T>(_sines[t]);
                    var by = new Vector<T>(-Unsafe.Add(ref triangle, t));
                    Rotate(ref factor, 0, width, cosine, sine, by, ref c0, ref e0);
                    Rotate(ref factor, lane, width, cosine, sine, by, ref c1, ref e1);
                    Rotate(ref factor, 2 * lane, width, cosine, sine, by, ref c2, ref e2);
                    Rotate(ref factor, 3 * lane, width, cosine, sine, by, ref c3, ref e3);
                    factor = ref Unsafe.Add(ref factor, width);
                }
                Restore(c0, from);
                Restore(c1, from + Vector<T>.Count);
                Restore(c2, from + (2 * Vector<T>.Count));
                Restore(c3, from + (3 * Vector<T>.Count));
            }
            else
            {
                for (nint t = 0; t < _held; t++)
                {
                    var by = new Vector<T>(-Unsafe.Add(ref triangle, t));
                    e0 = MultiplyAdd(by, Vector.LoadUnsafe(ref factor), e0);
                    e1 = MultiplyAdd(by, Vector.LoadUnsafe(ref factor, lane), e1);
                    e2 = MultiplyAdd(by, Vector.LoadUnsafe(ref factor, 2 * lane), e2);
                    e3 = MultiplyAdd(by, Vector.LoadUnsafe(ref factor, 3 * lane), e3);
                    factor = ref Unsafe.Add(ref factor, width);
                }
            }
            Append(e0 * scale, ref factor, 0, from, ref greatest);
            Append(e1 * scale, ref factor, lane, from + Vector<T>.Count, ref greatest);
            Append(e2 * scale, ref factor, 2 * lane, from + (2 * Vector<T>.Count), ref greatest);
            Append(e3 * scale, ref factor, 3 * lane, from + (3 * Vector<T>.Count), ref greatest);
            factors = ref Unsafe.Add(ref factors, _capacity * width);
        }
        SetGreatest(greatest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rotate(
        ref T factor, nuint lane, int width, Vector<T> cosine, Vector<T> sine, Vector<T> by, ref Vector<T> carried, ref Vector<T> e)
    {
        var next = Vector.LoadUnsafe(ref factor, lane + (nuint)width);
        var rotated = MultiplyAdd(cosine, carried, sine * next);
        carried = MultiplyAdd(-sine, carried, cosine * next);
        e = MultiplyAdd(by, rotated, e);
        rotated.StoreUnsafe(ref factor, lane);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Restore(Vector<T> dropped, int column)
    {
        ref var variances = ref MemoryMarshal.GetArrayDataReference(_variances);
        MultiplyAdd(dropped, dropped, Vector.LoadUnsafe(ref variances, (nuint)column)).StoreUnsafe(ref variances, (nuint)column);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Append(Vector<T> e, ref T factor, nuint lane, int column, ref Vector<T> greatest)
    {
        e.StoreUnsafe(ref factor, lane);
        Keep(Vector.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(_variances), (nuint)column) - (e * e), column, ref greatest);
    }

    // A variance below epsilon is noise; a NaN compares false; a weight below zero is never greatest.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Keep(Vector<T> variance, int column, ref Vector<T> greatest)
    {
        variance.StoreUnsafe(ref MemoryMarshal.GetArrayDataReference(_variances), (nuint)column);
        greatest = Vector.Max(greatest, Value(variance, column));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector<T> Value(Vector<T> variance, int column)
    {
        var value = variance * Vector.LoadUnsafe(ref MemoryMarshal.GetArrayDataReference(_weights), (nuint)column);
        return Vector.ConditionalSelect(Vector.GreaterThanOrEqual(variance, new Vector<T>(_epsilon)), value, Vector<T>.Zero);
    }

    private void SetGreatest(Vector<T> greatest)
    {
        _greatest = T.Zero;
        for (var lane = 0; lane < Vector<T>.Count; lane++)
            _greatest = T.Max(_greatest, greatest[lane]);
    }

    // Nothing was appended, but what was picked last no longer counts.
    private void Measure(T[] variances)
    {
        var greatest = Vector<T>.Zero;
        for (var column = 0; column < _columns; column += Vector<T>.Count)
            Keep(new Vector<T>(variances, column), column, ref greatest);
        SetGreatest(greatest);
    }

    // The lowest position whose gain ties with the greatest.
    private int Best(int candidates)
    {
        if (!(_greatest > T.Zero))
            return -1;
        var bound = new Vector<T>(_greatest - (_greatest * _tie));
        for (var from = 0; from < candidates; from += Vector<T>.Count)
        {
            var tied = Vector.GreaterThanOrEqual(Value(new Vector<T>(_variances, from), from), bound);
            if (tied == Vector<T>.Zero)
                continue;
            for (var lane = 0; lane < Vector<T>.Count; lane++)
            {
                if (tied[lane] != T.Zero)
                    return from + lane;
            }
        }
        return -1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<T> MultiplyAdd(Vector<T> a, Vector<T> b, Vector<T> c) =>
        typeof(T) == typeof(float)
            ? Vector.MultiplyAddEstimate(a.As<T, float>(), b.As<T, float>(), c.As<T, float>()).As<float, T>()
            : typeof(T) == typeof(double)
                ? Vector.MultiplyAddEstimate(a.As<T, double>(), b.As<T, double>(), c.As<T, double>()).As<double, T>()
                : (a * b) + c;

    private interface IStep
    {
        static abstract bool Rotates { get; }
    }

    private readonly struct Appending : IStep
    {
        public static bool Rotates => false;
    }

    private readonly struct Rotating : IStep
    {
        public static bool Rotates => true;
    }
}
