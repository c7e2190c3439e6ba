using KgOrleans.Kernels.Diversity;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Ranking.ReRanking;

/// <summary>
/// Counts how many items the minimum shares of a page still need. A share claims a position only when it must: when its block has no more free positions than
/// what the share needs, together with the more important shares that end there. Traffic shares follow: each has a quota of the whole page, and claims a
/// position when the item that it is owed by then is missing.
/// </summary>
internal sealed class ShareState
{
    private ShareRule[] _rules = [];
    private PageQuota[] _quotas = [];
    private uint[] _shares = [];
    // By share the items that count in its current block, pins ahead among them.
    private int[] _have = [];
    private bool[] _pinned = [];
    private int[] _pinOf = [];
    private int _length;

    /// <summary>Starts a page.</summary>
    public void Begin(
        ShareRule[] rules, ReadOnlySpan<uint> shares, int length, ReadOnlySpan<PinnedItem> pins, ReadOnlySpan<PageQuota> quotas)
    {
        _rules = rules;
        _quotas = quotas.ToArray();
        if (rules.Length + quotas.Length == 0)
            return;
        _length = length;
        WorkArray.Grow(ref _shares, shares.Length);
        shares.CopyTo(_shares);
        WorkArray.Grow(ref _have, rules.Length + quotas.Length);
        WorkArray.Grow(ref _pinned, length);
        WorkArray.Grow(ref _pinOf, length);
        _pinned.AsSpan(0, length).Clear();
        foreach (var pin in pins)
            (_pinned[pin.Position], _pinOf[pin.Position]) = (true, pin.Candidate);
        for (var s = 0; s < rules.Length + quotas.Length; s++)
            StartBlock(s, 0);
    }

    /// <summary>Traffic shares that have their most, a bit each.</summary>
    public uint Full()
    {
        var full = 0u;
        for (var q = 0; q < _quotas.Length; q++)
            full |= _have[_rules.Length + q] >= _quotas[q].Most ? 1u << (_rules.Length + q) : 0;
        return full;
    }

    /// <summary>Shares that claim a position, a bit each.</summary>
    public uint Forced(int position)
    {
        var forced = 0u;
        for (var s = 0; s < _rules.Length; s++)
        {
            var missing = Missing(s, position);
            if (missing <= 0)
                continue;
            var end = EndOf(s, position);
            for (var other = 0; other < s; other++)
                missing += EndOf(other, position) <= end ? Math.Max(0, Missing(other, position)) : 0;
            var free = 0;
            for (var p = position; p < end; p++)
                free += _pinned[p] ? 0 : 1;
            forced |= missing >= free ? 1u << s : 0;
        }
        for (var q = 0; q < _quotas.Length; q++)
            forced |= _have[_rules.Length + q] < _quotas[q].OwedBy(position, _length) ? 1u << (_rules.Length + q) : 0;
        return forced;
    }

    /// <summary>
    /// Counts an item that is placed; at the end of a block adds how many items the share is short of, and at the end of the page how many items a traffic
    /// share is short of or has too many.
    /// </summary>
    public void Place(int position, int candidate, Span<int> shortOf)
    {
        for (var q = 0; q < _quotas.Length; q++)
        {
            var s = _rules.Length + q;
            if (!_pinned[position] && (_shares[candidate] >> s & 1) != 0)
                _have[s]++;
            if (position + 1 == _length)
                shortOf[s] += Math.Max(0, _quotas[q].Least - _have[s]) + Math.Max(0, _have[s] - _quotas[q].Most);
        }
        for (var s = 0; s < _rules.Length; s++)
        {
            // A pin was counted when its block began.
            if (!_pinned[position] && (_shares[candidate] >> s & 1) != 0)
                _have[s]++;
            if (position + 1 != EndOf(s, position))
                continue;
            shortOf[s] += Math.Max(0, Missing(s, position));
            if (position + 1 < _length)
                StartBlock(s, position + 1);
        }
    }

    private void StartBlock(int s, int start)
    {
        _have[s] = 0;
        for (var p = start; p < EndOf(s, start); p++)
            _have[s] += _pinned[p] && (_shares[_pinOf[p]] >> s & 1) != 0 ? 1 : 0;
    }

    private int EndOf(int s, int position) => s >= _rules.Length ? _length : Math.Min(_length, ((position / _rules[s].In) + 1) * _rules[s].In);

    // A block that the end of the page cuts short needs its part of the minimum, rounded down.
    private int Missing(int s, int position)
    {
        var (min, length) = (_rules[s].Min, _rules[s].In);
        var start = position / length * length;
        return (min * (EndOf(s, position) - start) / length) - _have[s];
    }
}
