namespace KgOrleans.Ranking.Catalogue;

/// <summary>
/// Item key to newest row: open addressing, one writer, any number of readers without locks. A reader may meet a row newer than its view and then follows the row's chain of predecessors.
/// Growing makes a new map; readers of older views keep the one that their view names.
/// </summary>
internal sealed class KeyMap
{
    private readonly ulong[] _keys;
    private readonly int[] _rows;
    private readonly int _mask;
    private int _count;

    public KeyMap(int capacity)
    {
        var size = 1024;
        while (size < capacity * 2)
            size *= 2;
        _keys = new ulong[size];
        _rows = new int[size];
        Array.Fill(_rows, -1);
        _mask = size - 1;
    }

    public bool IsFull => _count * 2 > _mask;

    public int Count => _count;

    /// <summary>Newest row of a key; -1 when it was never written.</summary>
    public int Find(ulong key)
    {
        for (var slot = (int)(key >> 8) & _mask; ; slot = (slot + 1) & _mask)
        {
            var row = Volatile.Read(ref _rows[slot]);
            if (row < 0)
                return -1;
            if (_keys[slot] == key)
                return row;
        }
    }

    /// <summary>Sets the newest row of a key. Writer only.</summary>
    public void Set(ulong key, int row)
    {
        // The low byte of a key is its bucket, which all keys of a shard nearly share: the slot comes from the higher ones.
        for (var slot = (int)(key >> 8) & _mask; ; slot = (slot + 1) & _mask)
        {
            if (_rows[slot] < 0)
            {
                // The row is what makes the slot visible, so the key goes first.
                _keys[slot] = key;
                Volatile.Write(ref _rows[slot], row);
                _count++;
                return;
            }
            if (_keys[slot] == key)
            {
                Volatile.Write(ref _rows[slot], row);
                return;
            }
        }
    }

    public KeyMap Grow()
    {
        var larger = new KeyMap(_keys.Length);
        for (var i = 0; i < _keys.Length; i++)
        {
            if (_rows[i] >= 0)
                larger.Set(_keys[i], _rows[i]);
        }
        return larger;
    }
}
