using System.Runtime.InteropServices;

namespace KgOrleans.Ranking.ReRanking;

/// <summary>The pins of a page in order of position, and how many of them are placed.</summary>
internal sealed class PinState
{
    private readonly List<PinnedItem> _pins = [];
    private int _next;

    /// <summary>All pins that the page has room for.</summary>
    public ReadOnlySpan<PinnedItem> All => CollectionsMarshal.AsSpan(_pins);

    /// <summary>Pins that are not placed yet.</summary>
    public ReadOnlySpan<PinnedItem> Ahead => All[_next..];

    /// <summary>
    /// Starts a page. Of two pins at one position the second takes the next free one; a pin that would stand beyond the end of the page is left out.
    /// </summary>
    public void Begin(ReadOnlySpan<PinnedItem> pins, int length)
    {
        _next = 0;
        _pins.Clear();
        foreach (var pin in pins)
        {
            if (pin.Position >= length)
                continue;
            var at = _pins.Count;
            while (at > 0 && _pins[at - 1].Position > pin.Position)
                at--;
            _pins.Insert(at, pin);
        }
        var free = 0;
        for (var p = 0; p < _pins.Count; p++)
        {
            var position = Math.Max(_pins[p].Position, free);
            if (position >= length)
            {
                _pins.RemoveRange(p, _pins.Count - p);
                break;
            }
            _pins[p] = _pins[p] with { Position = position };
            free = position + 1;
        }
    }

    /// <summary>The candidate that is pinned to a position, when that is the next pin; -1 otherwise.</summary>
    public int At(int position) => _next < _pins.Count && _pins[_next].Position == position ? _pins[_next].Candidate : -1;

    /// <summary>Marks the next pin as placed.</summary>
    public void MarkPlaced() => _next++;
}
