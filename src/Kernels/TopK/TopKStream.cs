using System.Runtime.CompilerServices;

namespace KgOrleans.Kernels.TopK;

/// <summary>
/// The best k of a stream of scored rows: score descending, then key ascending, then row ascending. Entries at or above <see cref="Threshold"/> are appended to
/// a buffer of about 1.5k; when it is full the k-th score is found, the rest is dropped and the threshold rises. A scan therefore compares with the threshold
/// first and rarely does anything else. NaN is never taken; infinities are ordinary scores; -0 equals +0.
/// <para>The answer depends on the entries offered alone, not on their order or on how they were cut into calls.</para>
/// A workspace for one caller at a time: it keeps its memory, so that streams of a similar k allocate nothing once warm.
/// </summary>
public sealed partial class TopKStream
{
    private const int SmallestRoom = 256;
    // What one vector append may write past the count.
    private const int Slack = 32;

    // The monotone score, inverted so that a smaller one is better, above; the row below.
    private ulong[] _entries = [];
    private ulong[] _keys = [];
    private int _count;
    // Appending starts below this count.
    private int _room;

    /// <summary>A stream of the best k.</summary>
    /// <param name="k">How many to keep, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is not positive.</exception>
    public TopKStream(int k) => Reset(k);

    /// <summary>How many are kept.</summary>
    public int K { get; private set; }

    /// <summary>No entry below this score can be among the best any more; the floor until k are known. Never falls until the next reset.</summary>
    public float Threshold { get; private set; }

    /// <summary>Forgets everything and starts again.</summary>
    /// <param name="k">How many to keep, at least 1.</param>
    /// <param name="floor">Score below which nothing is taken: a guess of the k-th best saves most of the sorting out on the way there. A guess too high leaves
    /// fewer than k.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="k"/> is not positive.</exception>
    public void Reset(int k, float floor = float.NegativeInfinity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        K = k;
        Threshold = floor;
        _count = 0;
        _room = checked(Math.Max(k + (k / 2), k + SmallestRoom));
        if (_entries.Length < _room + Slack)
        {
            _entries = new ulong[_room + Slack];
            _keys = new ulong[_room + Slack];
        }
    }

    /// <summary>Offers one row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Offer(float score, int row, ulong key)
    {
        if (score >= Threshold)
            Append(score, row, key);
    }

    /// <summary>Offers one row that is likely but not certain to enter: written always, counted if it does, so that no branch has to be guessed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void OfferLikely(float score, int row, ulong key)
    {
        var count = _count;
        _entries[count] = ((ulong)Rank(score) << 32) | (uint)row;
        _keys[count] = key;
        _count = count += score >= Threshold ? 1 : 0;
        if (count >= _room)
            KeepBest();
    }

    /// <summary>Offers consecutive rows.</summary>
    /// <param name="scores">One score a row.</param>
    /// <param name="keys">One key a row; empty when ties may go by row, which spares the look at memory that a key is.</param>
    /// <param name="firstRow">Row number of the first.</param>
    /// <param name="eligible">One bit a row, from bit 0 of the first word; empty when all may win.</param>
    /// <exception cref="ArgumentException">Lengths do not match.</exception>
    public void Offer(ReadOnlySpan<float> scores, ReadOnlySpan<ulong> keys, int firstRow, ReadOnlySpan<ulong> eligible = default)
    {
        if (!keys.IsEmpty && keys.Length != scores.Length)
            throw new ArgumentException($"{keys.Length} keys for {scores.Length} scores.", nameof(keys));
        if (!eligible.IsEmpty && eligible.Length < (scores.Length + 63) / 64)
            throw new ArgumentException($"{eligible.Length} words do not cover {scores.Length} rows.", nameof(eligible));
        OfferRows(scores, keys, firstRow, eligible);
    }

    /// <summary>Offers rows named by number, with their scores.</summary>
    /// <exception cref="ArgumentException">Lengths do not match.</exception>
    public void Offer(ReadOnlySpan<float> scores, ReadOnlySpan<ulong> keys, ReadOnlySpan<int> rows)
    {
        if (keys.Length != scores.Length || rows.Length != scores.Length)
            throw new ArgumentException($"{keys.Length} keys and {rows.Length} rows for {scores.Length} scores.", nameof(keys));
        for (var i = 0; i < scores.Length; i++)
            Offer(scores[i], rows[i], keys[i]);
    }

    /// <summary>Sorts what was kept, best first. The stream takes no more until it is reset.</summary>
    /// <param name="rows">Receives row numbers; room for k, or for all that was offered.</param>
    /// <param name="scores">Receives their scores; as long, or empty when not wanted.</param>
    /// <param name="keys">Receives their keys; as long, or empty when not wanted.</param>
    /// <returns>How many were kept: k, or all valid entries when there were fewer.</returns>
    /// <exception cref="ArgumentException">A span is too short; nothing is lost.</exception>
    public int Complete(Span<int> rows, Span<float> scores = default, Span<ulong> keys = default)
    {
        if (_count > K)
            KeepBest();
        if (rows.Length < _count || (!scores.IsEmpty && scores.Length < _count) || (!keys.IsEmpty && keys.Length < _count))
            throw new ArgumentException($"{_count} entries do not fit into {rows.Length} rows, {scores.Length} scores, {keys.Length} keys.", nameof(rows));
        Sort();
        for (var i = 0; i < _count; i++)
            rows[i] = (int)(uint)_entries[i];
        for (var i = 0; i < _count && !scores.IsEmpty; i++)
            scores[i] = Score((uint)(_entries[i] >> 32));
        if (!keys.IsEmpty)
            _keys.AsSpan(0, _count).CopyTo(keys);
        return _count;
    }

    /// <summary>Hands out what was kept in no order: for callers that need the best k, not their order. The stream takes no more until it is reset.</summary>
    /// <param name="rows">Receives row numbers; room for k, or for all that was offered.</param>
    /// <param name="scores">Receives their scores; as long.</param>
    /// <returns>How many were kept: k, or all valid entries when there were fewer.</returns>
    /// <exception cref="ArgumentException">A span is too short; nothing is lost.</exception>
    public int CompleteUnsorted(Span<int> rows, Span<float> scores)
    {
        if (_count > K)
            KeepBest();
        if (rows.Length < _count || scores.Length < _count)
            throw new ArgumentException($"{_count} entries do not fit into {rows.Length} rows, {scores.Length} scores.", nameof(rows));
        for (var i = 0; i < _count; i++)
        {
            rows[i] = (int)(uint)_entries[i];
            scores[i] = Score((uint)(_entries[i] >> 32));
        }
        return _count;
    }

    private void Append(float score, int row, ulong key)
    {
        _entries[_count] = ((ulong)Rank(score) << 32) | (uint)row;
        _keys[_count] = key;
        if (++_count >= _room)
            KeepBest();
    }

    /// <summary>A score as a whole number: ascending ranks are descending scores. Defined for numbers; adding zero turns -0 into +0.</summary>
    public static uint Rank(float score)
    {
        var bits = BitConverter.SingleToInt32Bits(score + 0f);
        return ~(uint)(bits ^ ((bits >> 31) | int.MinValue));
    }

    /// <summary>Score of a rank.</summary>
    public static float Score(uint rank)
    {
        var ascending = (int)~rank;
        return BitConverter.Int32BitsToSingle(ascending < 0 ? ascending ^ int.MinValue : ~ascending);
    }
}
