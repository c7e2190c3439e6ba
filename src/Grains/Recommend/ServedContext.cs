using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Serving;

namespace KgOrleans.Grains.Recommend;

/// <summary>
/// The items that the user saw just before this page, oldest first: from the running session, then from earlier pages of the chain, as far back as windows
/// look.
/// </summary>
/// <param name="Items">As window rules see them, including items of the chain that no longer exist.</param>
/// <param name="Block">As diversity sees them: only items that still exist.</param>
/// <param name="FromTail">How many of the last of <paramref name="Items"/> the page token brought.</param>
internal sealed record ServedContext(RuleItem[] Items, ItemBlock Block, int FromTail)
{
    /// <summary>Keys of the items.</summary>
    public static ulong[] KeysOf(FunnelRequest request)
    {
        ReadOnlySpan<ulong> served = request.Page?.Served ?? [];
        var keys = new List<ulong>();
        // Items of this chain keep the chain's order, even when the session has shown them already.
        foreach (var key in Key64.FromBytes(request.User.SessionKeys))
        {
            if (!served.Contains(key))
                keys.Add(key);
        }
        keys.AddRange(served);
        return [.. keys.Skip(Math.Max(0, keys.Count - Math.Max(0, request.Scene.LookBack)))];
    }

    /// <summary>Combines the page token with what the shards know now.</summary>
    /// <param name="request">The request.</param>
    /// <param name="keys">The items.</param>
    /// <param name="block">Columns of those that still exist.</param>
    public static ServedContext Of(FunnelRequest request, ulong[] keys, ItemBlock block)
    {
        var rules = request.Scene.Rules;
        ReadOnlySpan<ulong> served = request.Page?.Served ?? [];
        RuleItem[] tail = request.Page?.Tail ?? [];
        var rows = new Dictionary<ulong, int>();
        for (var row = 0; row < block.Count; row++)
            rows[block.Rows[row].Key] = row;
        var items = new List<RuleItem>(keys.Length);
        var fromTail = 0;
        foreach (var key in keys)
        {
            var now = rows.TryGetValue(key, out var row) ? rules.Describe(in block.Rows[row], request.ScoreTime, block.Attributes?[row]) : (RuleItem?)null;
            var at = served.IndexOf(key) - (served.Length - tail.Length);
            if (at < 0)
            {
                if (now is { } item)
                    items.Add(item);
            }
            else
            {
                fromTail++;
                // The token's filter bits belong to other rules: the item's present ones replace them.
                items.Add(request.Page!.RulesKey == rules.Key ? tail[at] : tail[at] with { Filters = now?.Filters ?? 0 });
            }
        }
        return new ServedContext([.. items], block, fromTail);
    }

    /// <summary>What the next page's token carries: the newest items of the chain, this page included, as far back as window rules look.</summary>
    public RuleItem[] NextTail(FunnelRequest request, Page page)
    {
        var rules = request.Scene.Rules;
        RuleItem[] items =
        [
            .. Items.AsSpan(Items.Length - FromTail),
            .. page.Order.Select(i => rules.Describe(in page.Ranked.Block.Rows[i], request.ScoreTime, page.Ranked.Block.Attributes?[i])),
        ];
        return items[Math.Max(0, items.Length - Math.Min(rules.LookBack, PageState.LongestTail))..];
    }
}
