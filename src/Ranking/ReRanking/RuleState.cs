using System.Runtime.InteropServices;
using KgOrleans.Ranking.Scenes;

namespace KgOrleans.Ranking.ReRanking;

/// <summary>
/// Chooses the works of a page one after another under the rules of a scene. Of the works that are left, each constraint, most important first, keeps those that meet it, unless none does; the most valuable of those that remain is chosen.
/// Window rules are more important than minimum shares, and pins stand above both. A workspace for one caller at a time: it keeps its memory.
/// </summary>
/// <remarks>
/// Every candidate carries a mask of what it breaks, a bit a constraint, the most important the highest: the constraints that give way are the least as a number. A window rule changes the masks only of the works that share the value that
/// enters or leaves its window, and only when its count meets the limit, so that a choice is one pass over masks and values.
/// </remarks>
public sealed class RuleState
{
    private const int HighestBit = 63;
    private const int FieldCount = 3;

    private readonly Dictionary<ulong, int> _values = [];
    // Per field the dense value of every work: candidates, then context. -1 where the work has none.
    private readonly int[][] _fieldValues = [[], [], []];
    private readonly int[] _distinct = new int[FieldCount];
    // Per field the candidates of one value as a chain: head by value, next by candidate.
    private readonly int[][] _heads = [[], [], []];
    private readonly int[][] _next = [[], [], []];
    private readonly List<int> _line = [];
    private readonly List<PinnedWork> _pins = [];
    private readonly ShareState _shares = new();
    private RuleSet _rules = new([], [], [], []);
    private int[][] _counts = [];
    private int[] _relaxed = [];
    private RuleItem[] _works = [];
    private ulong[] _broken = [];
    private ulong[] _unshared = [];
    private bool[] _placed = [];
    private ulong[] _saved = [];
    private int _candidates;
    private int _context;
    private int _length;
    private int _nextPin;
    private ulong _forced;

    /// <summary>Position that is chosen for next.</summary>
    public int Position { get; private set; }

    /// <summary>Whether every position is taken, or no candidate is left.</summary>
    public bool IsComplete => Position >= _length;

    /// <summary>Per window rule how many of the works placed break it with those before them, then per minimum share how many works it is short of.</summary>
    public ReadOnlySpan<int> Relaxed => _relaxed.AsSpan(0, _rules.WindowCount + _rules.ShareCount);

    /// <summary>Starts a page.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="candidates">What they see of each candidate.</param>
    /// <param name="shares">Which minimum shares each candidate counts for; empty when there are none.</param>
    /// <param name="context">Works that were served just before, oldest first.</param>
    /// <param name="length">Positions of the page; fewer when there are fewer candidates.</param>
    /// <param name="pins">Works at fixed positions, each candidate once. Of two at one position the second takes the next free one; one beyond the page's end is not a pin.</param>
    public void Begin(RuleSet rules, ReadOnlySpan<RuleItem> candidates, ReadOnlySpan<uint> shares, ReadOnlySpan<RuleItem> context, int length, ReadOnlySpan<PinnedWork> pins)
    {
        if (shares.Length != (rules.ShareCount == 0 ? 0 : candidates.Length))
            throw new ArgumentException($"{shares.Length} shares are not those of {candidates.Length} candidates", nameof(shares));
        _rules = rules;
        _candidates = candidates.Length;
        _context = context.Length;
        _length = Math.Min(length, candidates.Length);
        Position = 0;
        _nextPin = 0;
        _line.Clear();
        Grow(ref _works, _candidates + _context);
        candidates.CopyTo(_works);
        context.CopyTo(_works.AsSpan(_candidates));
        Grow(ref _broken, _candidates);
        Grow(ref _unshared, _candidates);
        Grow(ref _placed, _candidates);
        Grow(ref _saved, _candidates);
        Grow(ref _relaxed, rules.WindowCount + rules.ShareCount);
        _broken.AsSpan(0, _candidates).Clear();
        _placed.AsSpan(0, _candidates).Clear();
        _relaxed.AsSpan(0, rules.WindowCount + rules.ShareCount).Clear();
        for (var i = 0; i < _candidates; i++)
            _unshared[i] = shares.IsEmpty ? 0 : ShareMask(~shares[i]);

        foreach (var field in (ReadOnlySpan<RuleSet.Field>)[RuleSet.Field.Creator, RuleSet.Field.Song, RuleSet.Field.Kind])
            Index(field);
        if (_counts.Length < rules.WindowCount)
            Array.Resize(ref _counts, rules.WindowCount);
        for (var r = 0; r < rules.WindowCount; r++)
        {
            var window = rules.Windows[r];
            var values = window.Field == RuleSet.Field.Filter ? 1 : _distinct[(int)window.Field];
            Grow(ref _counts[r], values);
            _counts[r].AsSpan(0, values).Clear();
            for (var value = 0; window.Max == 0 && value < values; value++)
                Mark(window, value, broken: true);
        }
        for (var i = 0; i < _context; i++)
            Advance(_candidates + i);
        Pin(pins);
        _shares.Begin(rules.Shares, shares, _length, CollectionsMarshal.AsSpan(_pins));
    }

    /// <summary>The candidate that is pinned to the next position; -1 when none is.</summary>
    public int Pinned => _nextPin < _pins.Count && _pins[_nextPin].Position == Position ? _pins[_nextPin].Candidate : -1;

    /// <summary>Chooses for the next position, without placing.</summary>
    /// <param name="values">Value of each candidate, larger is better; ties go to the lower index, NaN counts as the least.</param>
    /// <param name="promoted">Whether a minimum share chose another work than the window rules alone would have.</param>
    /// <returns>Index of the candidate; -1 when none is left.</returns>
    public int Choose(ReadOnlySpan<float> values, out bool promoted)
    {
        promoted = false;
        if (Pinned is >= 0 and var pinned)
            return pinned;
        var ahead = LookAhead();
        _forced = ShareMask(_shares.Forced(Position));
        var (best, least, value) = (-1, ulong.MaxValue, float.NegativeInfinity);
        var (unshared, unsharedLeast, unsharedValue) = (-1, ulong.MaxValue, float.NegativeInfinity);
        for (var i = 0; i < _candidates; i++)
        {
            if (_placed[i])
                continue;
            var broken = _broken[i];
            var with = broken | (_unshared[i] & _forced);
            if (with < least || best < 0 || (with == least && values[i] > value))
                (best, least, value) = (i, with, OrLeast(values[i]));
            if (_forced != 0 && (broken < unsharedLeast || unshared < 0 || (broken == unsharedLeast && values[i] > unsharedValue)))
                (unshared, unsharedLeast, unsharedValue) = (i, broken, OrLeast(values[i]));
        }
        promoted = _forced != 0 && best != unshared;
        if (ahead)
            _saved.AsSpan(0, _candidates).CopyTo(_broken);
        return best;
    }

    /// <summary>Places a candidate at the next position.</summary>
    public void Place(int candidate)
    {
        if (Pinned == candidate)
            _nextPin++;
        for (var r = 0; r < _rules.WindowCount; r++)
            _relaxed[r] += (_broken[candidate] & BitOf(r)) != 0 ? 1 : 0;
        _placed[candidate] = true;
        _shares.Place(Position, candidate, _relaxed.AsSpan(_rules.WindowCount));
        Advance(candidate);
        Position++;
    }

    private static float OrLeast(float value) => float.IsNaN(value) ? float.NegativeInfinity : value;

    private static ulong BitOf(int constraint) => 1UL << (HighestBit - constraint);

    // Share i is constraint WindowCount + i: the bits of a share mask reversed, behind those of the window rules.
    private ulong ShareMask(uint shares)
    {
        var mask = 0UL;
        for (var s = 0; s < _rules.ShareCount; s++)
            mask |= (shares >> s & 1) != 0 ? BitOf(_rules.WindowCount + s) : 0;
        return mask;
    }

    private void Pin(ReadOnlySpan<PinnedWork> pins)
    {
        _pins.Clear();
        foreach (var pin in pins)
        {
            if (pin.Position >= _length)
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
            if (position >= _length)
            {
                _pins.RemoveRange(p, _pins.Count - p);
                break;
            }
            _pins[p] = _pins[p] with { Position = position };
            free = position + 1;
            // Taken: whoever chooses for another position must not take it.
            _placed[_pins[p].Candidate] = true;
        }
    }

    private void Index(RuleSet.Field field)
    {
        var used = false;
        foreach (ref readonly var window in _rules.Windows.AsSpan())
            used |= window.Field == field;
        var works = _candidates + _context;
        ref var values = ref _fieldValues[(int)field];
        _distinct[(int)field] = 0;
        if (!used)
            return;
        Grow(ref values, works);
        Grow(ref _next[(int)field], _candidates);
        Grow(ref _heads[(int)field], works);
        var heads = _heads[(int)field];
        _values.Clear();
        // Backwards, so that a chain runs from the best candidate on.
        for (var i = works - 1; i >= 0; i--)
        {
            var key = field switch
            {
                RuleSet.Field.Creator => _works[i].Creator,
                RuleSet.Field.Song => _works[i].Song,
                _ => (ulong)_works[i].Kind + 1,
            };
            if (key == 0)
            {
                values[i] = -1;
                continue;
            }
            ref var value = ref CollectionsMarshal.GetValueRefOrAddDefault(_values, key, out var known);
            if (!known)
            {
                value = _distinct[(int)field]++;
                heads[value] = -1;
            }
            values[i] = value;
            if (i < _candidates)
            {
                _next[(int)field][i] = heads[value];
                heads[value] = i;
            }
        }
    }

    private int ValueOf(in RuleSet.Window window, int work) =>
        window.Field != RuleSet.Field.Filter ? _fieldValues[(int)window.Field][work] : (_works[work].Filters >> window.Bit & 1) != 0 ? 0 : -1;

    // The window of the next position covers the In - 1 newest works.
    private void Advance(int work)
    {
        _line.Add(work);
        for (var r = 0; r < _rules.WindowCount; r++)
        {
            var window = _rules.Windows[r];
            var leaving = _line.Count - window.In;
            if (leaving >= 0 && ValueOf(window, _line[leaving]) is >= 0 and var old && _counts[r][old]-- == window.Max)
                Mark(window, old, broken: false);
            if (ValueOf(window, work) is >= 0 and var value && ++_counts[r][value] == window.Max)
                Mark(window, value, broken: true);
        }
    }

    private void Mark(in RuleSet.Window window, int value, bool broken)
    {
        var bit = BitOf(window.Bit);
        if (window.Field == RuleSet.Field.Filter)
        {
            for (var i = 0; i < _candidates; i++)
                Mark(i, (_works[i].Filters >> window.Bit & 1) != 0);
            return;
        }
        for (var i = _heads[(int)window.Field][value]; i >= 0; i = _next[(int)window.Field][i])
            Mark(i, true);

        void Mark(int i, bool concerned)
        {
            if (concerned)
                _broken[i] = broken ? _broken[i] | bit : _broken[i] & ~bit;
        }
    }

    /// <summary>Marks what would break a rule together with a pin that is still to come; false when nothing was marked.</summary>
    private bool LookAhead()
    {
        var saved = false;
        for (var r = 0; r < _rules.WindowCount; r++)
        {
            var window = _rules.Windows[r];
            for (var p = _nextPin; p < _pins.Count && _pins[p].Position - Position < window.In; p++)
            {
                if (ValueOf(window, _pins[p].Candidate) is not (>= 0 and var value) || !FullWithOneMore(window, value))
                    continue;
                if (!saved)
                    _broken.AsSpan(0, _candidates).CopyTo(_saved);
                saved = true;
                Mark(window, value, broken: true);
            }
        }
        return saved;
    }

    // Whether one more work of a value at the next position would make any window over it too full.
    private bool FullWithOneMore(in RuleSet.Window window, int value)
    {
        var behind = 0;
        // Windows that start ever further back: one more work behind, one fewer position ahead.
        for (var back = 0; back < window.In; back++)
        {
            if (back > 0)
            {
                if (_line.Count < back)
                    return false;
                behind += ValueOf(window, _line[^back]) == value ? 1 : 0;
            }
            var count = behind + 1;
            for (var p = _nextPin; p < _pins.Count && _pins[p].Position - Position < window.In - back; p++)
                count += ValueOf(window, _pins[p].Candidate) == value ? 1 : 0;
            if (count > window.Max)
                return true;
        }
        return false;
    }

    private static void Grow<T>(ref T[] array, int length)
    {
        if (array is null || array.Length < length)
            array = new T[Math.Max(length, (array?.Length ?? 0) * 3 / 2)];
    }
}
