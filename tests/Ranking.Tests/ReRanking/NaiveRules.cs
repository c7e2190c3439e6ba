using KgOrleans.Ranking.ReRanking;

namespace KgOrleans.Ranking.Tests.ReRanking;

/// <summary>The rules as documented, by looking at everything again for every item and position.</summary>
internal sealed class NaiveRules(RuleCase c)
{
    private readonly int _length = Math.Min(c.Length, c.Items.Length);
    private readonly int?[] _page = new int?[Math.Min(c.Length, c.Items.Length)];

    public (List<int> Order, List<int> Promoted, int[] Relaxed) Run()
    {
        foreach (var pin in c.Pins.Where(p => p.Position < _length).OrderBy(p => p.Position))
        {
            var free = Enumerable.Range(pin.Position, Math.Max(0, _length - pin.Position)).FirstOrDefault(p => _page[p] is null, -1);
            if (free >= 0)
                _page[free] = pin.Candidate;
        }
        var promoted = new List<int>();
        for (var p = 0; p < _length; p++)
        {
            if (_page[p] is not null)
                continue;
            var claims = Enumerable.Range(0, c.Minimums.Length).Where(s => Claims(s, p)).ToArray();
            var byRules = Best(p, []);
            var pick = Best(p, claims);
            if (pick != byRules)
                promoted.Add(pick);
            _page[p] = pick;
        }
        return ([.. _page.Select(x => x!.Value)], promoted,
            [.. Enumerable.Range(0, c.Windows.Length).Select(Broken), .. Enumerable.Range(0, c.Minimums.Length).Select(ShortOf)]);
    }

    // Each constraint keeps those that meet it, unless none does.
    private int Best(int position, int[] claims)
    {
        var left = Enumerable.Range(0, c.Items.Length).Where(i => !_page.Contains(i)).ToList();
        for (var r = 0; r < c.Windows.Length; r++)
            Keep(i => !Breaks(r, position, i));
        foreach (var s in claims)
            Keep(i => Counts(s, i));
        return left.OrderByDescending(i => c.Values[i]).ThenBy(i => i).First();

        void Keep(Func<int, bool> meets)
        {
            if (left.Exists(i => meets(i)))
                left.RemoveAll(i => !meets(i));
        }
    }

    private bool Breaks(int r, int position, int candidate)
    {
        if (ValueOf(r, c.Items[candidate]) is not { } value)
            return false;
        var length = c.Windows[r].In;
        for (var start = position - length + 1; start <= position; start++)
        {
            var count = 1 + Enumerable.Range(start, length).Count(p => p != position && ItemAt(p) is { } item && ValueOf(r, item) == value);
            if (count > c.Windows[r].Max)
                return true;
        }
        return false;
    }

    private int Broken(int r) => Enumerable.Range(0, _length).Count(p =>
        ValueOf(r, ItemAt(p)!.Value) is { } value
        && Enumerable.Range(p - c.Windows[r].In + 1, c.Windows[r].In).Count(q => ItemAt(q) is { } item && ValueOf(r, item) == value) > c.Windows[r].Max);

    private RuleItem? ItemAt(int p) =>
        p < 0 ? (c.Context.Length + p >= 0 ? c.Context[c.Context.Length + p] : null) : p < _length && _page[p] is { } i ? c.Items[i] : null;

    private (int Start, int End) Block(int s, int p)
    {
        var start = p / c.Minimums[s].In * c.Minimums[s].In;
        return (start, Math.Min(_length, start + c.Minimums[s].In));
    }

    private int Owed(int s, int p)
    {
        var (start, end) = Block(s, p);
        return (c.Minimums[s].Min * (end - start) / c.Minimums[s].In) - Enumerable.Range(start, end - start).Count(q => _page[q] is { } i && Counts(s, i));
    }

    private bool Claims(int s, int p)
    {
        var end = Block(s, p).End;
        var rivals = Enumerable.Range(0, s).Where(t => Block(t, p).End <= end).Sum(t => Math.Max(0, Owed(t, p)));
        return Owed(s, p) > 0 && Owed(s, p) + rivals >= Enumerable.Range(p, end - p).Count(q => _page[q] is null);
    }

    private int ShortOf(int s) => Enumerable.Range(0, _length).Where(p => p + 1 == Block(s, p).End).Sum(p => Math.Max(0, Owed(s, p)));

    private bool Counts(int s, int i) => (c.Shares[i] >> s & 1) != 0;

    private ulong? ValueOf(int r, RuleItem item) => c.Windows[r].Field switch
    {
        "creatorId" => item.Creator == 0 ? null : item.Creator,
        "songId" => item.Song == 0 ? null : item.Song,
        "kind" => (ulong)item.Kind,
        _ => (item.Filters >> r & 1) != 0 ? 0 : null,
    };
}
