using KgOrleans.Kernels.Diversity;

namespace KgOrleans.Ranking.ReRanking;

/// <summary>
/// Chooses the items of a page one after another under the rules of a scene. Each constraint, most important first, keeps the candidates that meet it, unless
/// none does; the candidate with the highest value among those that remain is chosen.
/// Window rules come before minimum shares, these before traffic shares, and pins before all. A workspace for one caller at a time: it keeps its memory.
/// </summary>
/// <remarks>
/// Every candidate carries a mask of the constraints that it breaks, a bit each, the most important one the highest: the candidate with the smallest mask
/// breaks the least important constraints. A window rule changes only the masks of the candidates that share the value that enters or leaves its window, and
/// only when its count reaches or leaves the limit, so that a choice is one pass over masks and values.
/// </remarks>
public sealed class RuleState
{
    private const int HighestBit = 63;

    private readonly FieldIndex _fields = new();
    private readonly PinState _pins = new();
    private readonly ShareState _shares = new();
    // Indexes of the items that stand before the next position, oldest first: those that were served before, then those that are placed.
    private readonly List<int> _before = [];
    private RuleSet _rules = new([], [], [], []);
    private int[][] _counts = [];
    private int[] _relaxed = [];
    // Candidates, then the items that were served before.
    private RuleItem[] _items = [];
    private ulong[] _broken = [];
    private ulong[] _unshared = [];
    private bool[] _placed = [];
    private ulong[] _saved = [];
    private int _candidates;
    private int _length;
    private ulong _forced;

    /// <summary>Position that is chosen for next.</summary>
    public int Position { get; private set; }

    /// <summary>Whether every position is taken, or no candidate is left.</summary>
    public bool IsComplete => Position >= _length;

    /// <summary>
    /// For each window rule, how many of the items placed break it with the items before them; then for each minimum share, how many items it is short of; then
    /// for each traffic share, how many items it is short of or has too many.
    /// </summary>
    public ReadOnlySpan<int> Relaxed => _relaxed.AsSpan(0, _rules.WindowCount + _rules.ShareCount);

    /// <summary>The candidate that is pinned to the next position; -1 when none is.</summary>
    public int Pinned => _pins.At(Position);

    /// <summary>Starts a page.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="candidates">What they see of each candidate.</param>
    /// <param name="shares">Which shares each candidate counts for; empty when there are none.</param>
    /// <param name="served">Items that were served just before, oldest first.</param>
    /// <param name="length">Positions of the page; fewer when there are fewer candidates.</param>
    /// <param name="pins">
    /// Items at fixed positions, each candidate at most once. Of two at one position the second takes the next free one; one beyond the end of the page is not
    /// a pin.
    /// </param>
    /// <param name="quotas">Quota of each traffic share.</param>
    public void Begin(
        RuleSet rules, ReadOnlySpan<RuleItem> candidates, ReadOnlySpan<uint> shares, ReadOnlySpan<RuleItem> served, int length, ReadOnlySpan<PinnedItem> pins,
        ReadOnlySpan<PageQuota> quotas = default)
    {
        if (shares.Length != (rules.ShareCount == 0 ? 0 : candidates.Length) || quotas.Length != rules.QuotaCount)
            throw new ArgumentException($"{shares.Length} share masks and {quotas.Length} quotas do not fit {candidates.Length} candidates and the rules");
        _rules = rules;
        _candidates = candidates.Length;
        _length = Math.Min(length, candidates.Length);
        Position = 0;
        _before.Clear();
        WorkArray.Grow(ref _items, candidates.Length + served.Length);
        candidates.CopyTo(_items);
        served.CopyTo(_items.AsSpan(_candidates));
        WorkArray.Grow(ref _broken, _candidates);
        WorkArray.Grow(ref _unshared, _candidates);
        WorkArray.Grow(ref _placed, _candidates);
        WorkArray.Grow(ref _saved, _candidates);
        WorkArray.Grow(ref _relaxed, rules.WindowCount + rules.ShareCount);
        _broken.AsSpan(0, _candidates).Clear();
        _placed.AsSpan(0, _candidates).Clear();
        _relaxed.AsSpan(0, rules.WindowCount + rules.ShareCount).Clear();
        for (var i = 0; i < _candidates; i++)
            _unshared[i] = shares.IsEmpty ? 0 : ShareMask(~shares[i]);

        _fields.Build(rules, _items.AsSpan(0, candidates.Length + served.Length), _candidates);
        if (_counts.Length < rules.WindowCount)
            Array.Resize(ref _counts, rules.WindowCount);
        for (var r = 0; r < rules.WindowCount; r++)
        {
            var window = rules.Windows[r];
            var values = window.Field == RuleSet.Field.Filter ? 1 : _fields.Distinct(window.Field);
            WorkArray.Grow(ref _counts[r], values);
            _counts[r].AsSpan(0, values).Clear();
            for (var value = 0; window.Max == 0 && value < values; value++)
                Mark(window, value, broken: true);
        }
        for (var i = 0; i < served.Length; i++)
            Advance(_candidates + i);
        _pins.Begin(pins, _length);
        // No other position may take a pinned candidate.
        foreach (var pin in _pins.All)
            _placed[pin.Candidate] = true;
        _shares.Begin(rules.Shares, shares, _length, _pins.All, quotas);
    }

    /// <summary>Chooses for the next position, without placing.</summary>
    /// <param name="values">Value of each candidate, larger is better; ties go to the lower index, NaN counts as the least.</param>
    /// <param name="promoted">Whether a share chose another item than the window rules alone would have.</param>
    /// <returns>Index of the candidate; -1 when none is left.</returns>
    public int Choose(ReadOnlySpan<float> values, out bool promoted)
    {
        promoted = false;
        if (Pinned is >= 0 and var pinned)
            return pinned;
        var ahead = LookAhead();
        _forced = ShareMask(_shares.Forced(Position));
        var full = ShareMask(_shares.Full());
        var (best, least, value) = (-1, ulong.MaxValue, float.NegativeInfinity);
        var (unshared, unsharedLeast, unsharedValue) = (-1, ulong.MaxValue, float.NegativeInfinity);
        for (var i = 0; i < _candidates; i++)
        {
            if (_placed[i])
                continue;
            var broken = _broken[i];
            // A full class is left to the others, as if it broke a rule.
            var with = broken | (_unshared[i] & _forced) | (~_unshared[i] & full);
            if (with < least || best < 0 || (with == least && values[i] > value))
                (best, least, value) = (i, with, OrLeast(values[i]));
            if (_forced != 0 && (broken < unsharedLeast || unshared < 0 || (broken == unsharedLeast && values[i] > unsharedValue)))
                (unshared, unsharedLeast, unsharedValue) = (i, broken, OrLeast(values[i]));
        }
        promoted = _forced != 0 && best != unshared && (~_unshared[best] & _forced) != 0;
        if (ahead)
            _saved.AsSpan(0, _candidates).CopyTo(_broken);
        return best;
    }

    /// <summary>Places a candidate at the next position.</summary>
    public void Place(int candidate)
    {
        if (Pinned == candidate)
            _pins.MarkPlaced();
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

    private int ValueOf(in RuleSet.Window window, int item) =>
        window.Field != RuleSet.Field.Filter ? _fields.ValueOf(window.Field, item) : (_items[item].Filters >> window.Bit & 1) != 0 ? 0 : -1;

    // The window of the next position covers the In - 1 newest items.
    private void Advance(int item)
    {
        _before.Add(item);
        for (var r = 0; r < _rules.WindowCount; r++)
        {
            var window = _rules.Windows[r];
            var leaving = _before.Count - window.In;
            if (leaving >= 0 && ValueOf(window, _before[leaving]) is >= 0 and var old && _counts[r][old]-- == window.Max)
                Mark(window, old, broken: false);
            if (ValueOf(window, item) is >= 0 and var value && ++_counts[r][value] == window.Max)
                Mark(window, value, broken: true);
        }
    }

    private void Mark(in RuleSet.Window window, int value, bool broken)
    {
        var bit = BitOf(window.Bit);
        if (window.Field == RuleSet.Field.Filter)
        {
            for (var i = 0; i < _candidates; i++)
                Mark(i, (_items[i].Filters >> window.Bit & 1) != 0);
            return;
        }
        for (var i = _fields.First(window.Field, value); i >= 0; i = _fields.Next(window.Field, i))
            Mark(i, true);

        void Mark(int i, bool concerned)
        {
            if (concerned)
                _broken[i] = broken ? _broken[i] | bit : _broken[i] & ~bit;
        }
    }

    /// <summary>Marks the candidates that would break a rule together with a pin ahead; false when nothing was marked.</summary>
    private bool LookAhead()
    {
        var saved = false;
        for (var r = 0; r < _rules.WindowCount; r++)
        {
            var window = _rules.Windows[r];
            foreach (var pin in _pins.Ahead)
            {
                if (pin.Position - Position >= window.In)
                    break;
                if (ValueOf(window, pin.Candidate) is not (>= 0 and var value) || !FullWithOneMore(window, value))
                    continue;
                if (!saved)
                    _broken.AsSpan(0, _candidates).CopyTo(_saved);
                saved = true;
                Mark(window, value, broken: true);
            }
        }
        return saved;
    }

    // Whether one more item of a value at the next position would make any window over that position too full.
    private bool FullWithOneMore(in RuleSet.Window window, int value)
    {
        var behind = 0;
        // Each step moves the window back by one: it covers one more item behind the position, and one position fewer ahead of it.
        for (var back = 0; back < window.In; back++)
        {
            if (back > 0)
            {
                if (_before.Count < back)
                    return false;
                behind += ValueOf(window, _before[^back]) == value ? 1 : 0;
            }
            var count = behind + 1;
            foreach (var pin in _pins.Ahead)
            {
                if (pin.Position - Position >= window.In - back)
                    break;
                count += ValueOf(window, pin.Candidate) == value ? 1 : 0;
            }
            if (count > window.Max)
                return true;
        }
        return false;
    }
}
