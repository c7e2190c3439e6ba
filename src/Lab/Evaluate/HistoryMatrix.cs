using KgOrleans.Import.Sets;
using KgOrleans.Ranking.Events;

namespace KgOrleans.Lab.Evaluate;

/// <summary>A history as baselines see it: who has which items as positives, in whole numbers.</summary>
internal sealed class HistoryMatrix
{
    private readonly Dictionary<string, int> _items = [];
    private readonly Dictionary<string, int> _users = [];

    public HistoryMatrix(ImportSet set)
    {
        Items = [.. set.Items.Select(i => i.ItemId)];
        for (var i = 0; i < Items.Length; i++)
            _items.TryAdd(Items[i], i);
        var positives = new List<HashSet<int>>();
        foreach (var e in set.Events)
        {
            if (e.IsUndo || !EventTypes.IsPositive(e.Type, e.Value ?? EventTypes.Of(e.Type).DefaultValue) || !_items.TryGetValue(e.ItemId, out var item))
                continue;
            if (!_users.TryGetValue(e.UserId, out var user))
            {
                _users.Add(e.UserId, user = positives.Count);
                positives.Add([]);
            }
            positives[user].Add(item);
        }
        Positives = [.. positives.Select(p => p.Order().ToArray())];
        Listeners = new int[Items.Length][];
        var lists = new List<int>[Items.Length];
        for (var user = 0; user < Positives.Length; user++)
        {
            foreach (var item in Positives[user])
                (lists[item] ??= []).Add(user);
        }
        for (var item = 0; item < lists.Length; item++)
            Listeners[item] = [.. lists[item] ?? []];
    }

    /// <summary>Ids by number.</summary>
    public string[] Items { get; }

    /// <summary>Items of each user, ascending.</summary>
    public int[][] Positives { get; }

    /// <summary>Users of each item, ascending.</summary>
    public int[][] Listeners { get; }

    /// <summary>Items of a user; none when the user has no positives.</summary>
    public int[] Of(string user) => _users.TryGetValue(user, out var number) ? Positives[number] : [];
}
