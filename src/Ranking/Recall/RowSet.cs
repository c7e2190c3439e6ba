using System.Numerics;

namespace KgOrleans.Ranking.Recall;

/// <summary>A set of rows as a bitmap, which also numbers its members in the order of rows. Memory is kept for the next use.</summary>
internal sealed class RowSet
{
    private ulong[] _bits = [];
    private int[] _before = [];
    private int _words;

    /// <summary>Members, when <see cref="Number"/> has run.</summary>
    public int Count { get; private set; }

    /// <summary>The bitmap.</summary>
    public Span<ulong> Bits => _bits.AsSpan(0, _words);

    /// <summary>The array of <see cref="Bits"/>, which may be longer.</summary>
    public ulong[] Words => _bits;

    public void Clear(int words)
    {
        if (_bits.Length < words)
            (_bits, _before) = (new ulong[words], new int[words]);
        _words = words;
        Bits.Clear();
        Count = 0;
    }

    public void Add(int row) => _bits[row >> 6] |= 1UL << row;

    public bool Has(int row) => (_bits[row >> 6] >> row & 1) != 0;

    /// <summary>Numbers the members for <see cref="NumberOf"/> and counts them.</summary>
    public int Number()
    {
        var count = 0;
        for (var word = 0; word < _words; word++)
        {
            _before[word] = count;
            count += BitOperations.PopCount(_bits[word]);
        }
        return Count = count;
    }

    /// <summary>How many members stand before a row.</summary>
    public int NumberOf(int row) => _before[row >> 6] + BitOperations.PopCount(_bits[row >> 6] & ((1UL << row) - 1));

    /// <summary>Copies the members, in order.</summary>
    public int CopyTo(Span<int> rows)
    {
        var count = 0;
        for (var word = 0; word < _words; word++)
        {
            for (var rest = _bits[word]; rest != 0; rest &= rest - 1)
                rows[count++] = (word << 6) + BitOperations.TrailingZeroCount(rest);
        }
        return count;
    }
}
