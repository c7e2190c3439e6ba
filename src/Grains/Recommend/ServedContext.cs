using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Serving;

namespace KgOrleans.Grains.Recommend;

/// <summary>The works that the user saw just before this page: what the running session showed, then what earlier pages of the chain served, as far as windows look back. Oldest first.</summary>
/// <param name="Works">As window rules see them, also those that are gone since this chain served them.</param>
/// <param name="Block">As diversity sees them: those that still exist.</param>
/// <param name="FromTail">How many of the last of <paramref name="Works"/> the page token brought.</param>
internal sealed record ServedContext(RuleItem[] Works, ItemBlock Block, int FromTail)
{
    /// <summary>Keys of the works.</summary>
    public static ulong[] KeysOf(FunnelRequest request)
    {
        ReadOnlySpan<ulong> served = request.Page?.Served ?? [];
        var keys = new List<ulong>();
        // What this chain served stands in its own order, whether or not the session has shown it already.
        foreach (var key in Key64.FromBytes(request.User.SessionKeys))
        {
            if (!served.Contains(key))
                keys.Add(key);
        }
        keys.AddRange(served);
        return [.. keys.Skip(Math.Max(0, keys.Count - Math.Max(0, request.Scene.LookBack)))];
    }

    /// <summary>Puts together what the token says and what the shards still know.</summary>
    /// <param name="request">The request.</param>
    /// <param name="keys">The works.</param>
    /// <param name="block">Columns of those that still exist.</param>
    public static ServedContext Of(FunnelRequest request, ulong[] keys, ItemBlock block)
    {
        var rules = request.Scene.Rules;
        ReadOnlySpan<ulong> served = request.Page?.Served ?? [];
        RuleItem[] tail = request.Page?.Tail ?? [];
        var rows = new Dictionary<ulong, int>();
        for (var row = 0; row < block.Count; row++)
            rows[block.Rows[row].Key] = row;
        var works = new List<RuleItem>(keys.Length);
        var fromTail = 0;
        foreach (var key in keys)
        {
            var now = rows.TryGetValue(key, out var row) ? rules.Describe(in block.Rows[row], request.ScoreTime) : (RuleItem?)null;
            var at = served.IndexOf(key) - (served.Length - tail.Length);
            if (at < 0)
            {
                if (now is { } work)
                    works.Add(work);
            }
            else
            {
                fromTail++;
                // Under other rules the token's bits mean nothing: what is still known of the work stands in.
                works.Add(request.Page!.RulesKey == rules.Key ? tail[at] : tail[at] with { Filters = now?.Filters ?? 0 });
            }
        }
        return new ServedContext([.. works], block, fromTail);
    }

    /// <summary>What the next page's token brings: the newest works of the chain, those of this page among them, as far as window rules look back.</summary>
    public RuleItem[] NextTail(FunnelRequest request, Page page)
    {
        var rules = request.Scene.Rules;
        RuleItem[] works = [.. Works.AsSpan(Works.Length - FromTail), .. page.Order.Select(i => rules.Describe(in page.Ranked.Block.Rows[i], request.ScoreTime))];
        return works[Math.Max(0, works.Length - Math.Min(rules.LookBack, PageState.LongestTail))..];
    }
}
