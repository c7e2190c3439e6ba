namespace KgOrleans.Ranking.Filters;

/// <summary>Bitmaps for one caller at a time, last in first out; their memory is kept for the next use.</summary>
internal sealed class BitmapStack
{
    private readonly List<ulong[]> _bitmaps = [];
    private int _depth;

    /// <summary>A bitmap of a number of words, not cleared.</summary>
    public Span<ulong> Push(int words)
    {
        if (_depth == _bitmaps.Count)
            _bitmaps.Add([]);
        if (_bitmaps[_depth].Length < words)
            _bitmaps[_depth] = new ulong[words];
        return _bitmaps[_depth++].AsSpan(0, words);
    }

    /// <summary>Gives the newest bitmap back.</summary>
    public void Pop() => _depth--;
}
