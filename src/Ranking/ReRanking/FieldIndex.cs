using System.Runtime.InteropServices;
using KgOrleans.Kernels.Diversity;

namespace KgOrleans.Ranking.ReRanking;

/// <summary>
/// The creators, songs and kinds of the items of a page as dense numbers, with the candidates that share a number as a chain. Window rules count by number and
/// visit only the candidates of one chain.
/// </summary>
internal sealed class FieldIndex
{
    private static readonly RuleSet.Field[] Fields = [RuleSet.Field.Creator, RuleSet.Field.Song, RuleSet.Field.Kind];

    private readonly Dictionary<ulong, int> _numbers = [];
    // By field the number of every item, -1 for an item that has no value.
    private readonly int[][] _valueOf = new int[Fields.Length][];
    private readonly int[] _distinct = new int[Fields.Length];
    // By field the chains: first candidate by number, next candidate by candidate.
    private readonly int[][] _first = new int[Fields.Length][];
    private readonly int[][] _next = new int[Fields.Length][];

    /// <summary>Numbers the values of the fields that window rules use.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="items">Candidates, then the items that were served before.</param>
    /// <param name="candidates">Number of candidates.</param>
    public void Build(RuleSet rules, ReadOnlySpan<RuleItem> items, int candidates)
    {
        foreach (var field in Fields)
        {
            _distinct[(int)field] = 0;
            if (IsUsed(rules, field))
                Build(field, items, candidates);
        }
    }

    /// <summary>How many values a field has.</summary>
    public int Distinct(RuleSet.Field field) => _distinct[(int)field];

    /// <summary>Number of an item's value; -1 when it has none.</summary>
    public int ValueOf(RuleSet.Field field, int item) => _valueOf[(int)field][item];

    /// <summary>First candidate with a value; -1 when there is none.</summary>
    public int First(RuleSet.Field field, int value) => _first[(int)field][value];

    /// <summary>Next candidate with the same value; -1 after the last.</summary>
    public int Next(RuleSet.Field field, int candidate) => _next[(int)field][candidate];

    private static bool IsUsed(RuleSet rules, RuleSet.Field field)
    {
        foreach (ref readonly var window in rules.Windows.AsSpan())
        {
            if (window.Field == field)
                return true;
        }
        return false;
    }

    private void Build(RuleSet.Field field, ReadOnlySpan<RuleItem> items, int candidates)
    {
        WorkArray.Grow(ref _valueOf[(int)field], items.Length);
        WorkArray.Grow(ref _next[(int)field], candidates);
        WorkArray.Grow(ref _first[(int)field], items.Length);
        var (values, next, first) = (_valueOf[(int)field], _next[(int)field], _first[(int)field]);
        _numbers.Clear();
        // Backwards, so that a chain starts at the best candidate.
        for (var i = items.Length - 1; i >= 0; i--)
        {
            var key = field switch
            {
                RuleSet.Field.Creator => items[i].Creator,
                RuleSet.Field.Song => items[i].Song,
                _ => (ulong)items[i].Kind + 1,
            };
            if (key == 0)
            {
                values[i] = -1;
                continue;
            }
            ref var value = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, key, out var known);
            if (!known)
            {
                value = _distinct[(int)field]++;
                first[value] = -1;
            }
            values[i] = value;
            if (i < candidates)
            {
                next[i] = first[value];
                first[value] = i;
            }
        }
    }
}
