using KgOrleans.CommandLine;
using KgOrleans.Grains;
using KgOrleans.Lab.Replay;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Factors;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Lab.Fit;

/// <summary>From a history to who likes what: a positive event makes an item liked, taking it back or a dislike ends it.</summary>
internal static class FitHistory
{
    private const int FewestUsers = 2;

    /// <summary>Reads a history. Throws <see cref="InputException"/> with the reason when nothing can be learnt from it.</summary>
    /// <param name="history">The history. Without item documents every item of an event counts.</param>
    /// <param name="world">World to fit for; null for the only one that there is.</param>
    public static FitData Read(ReplayHistory history, string? world)
    {
        var documents = new Dictionary<string, ItemDocument>();
        foreach (var item in history.Items)
            documents[item.ItemId] = item;
        var liked = Liked(history, documents);
        if (liked.Count == 0)
            throw new InputException($"{NoPositives(history, documents)}: there is nothing to learn from");
        var own = WorldOf(liked.SelectMany(u => u.Value).Select(i => i.ItemId).Distinct(), documents, world);
        var users = liked.Select(u => (User: u.Key, Items: u.Value.Where(i => IsOf(i.ItemId, documents, own)).OrderBy(i => i.At)
                // Imports often have one time for all: any other order of ids would hold out one sort of items.
                .ThenBy(i => Key64.Of($"{u.Key} {i.ItemId}")).Select(i => i.ItemId).ToArray()))
            .Where(u => u.Items.Length > 0).OrderBy(u => u.User, StringComparer.Ordinal).ToArray();
        if (users.Length == 0)
            throw new InputException($"no item of world '{own}' has a positive event: there is nothing to learn from");
        if (users.Length < FewestUsers)
            throw new InputException($"user {users[0].User} is the only one with positive events: what people have in common takes at least {FewestUsers}");

        var byKey = new SortedDictionary<ulong, string>();
        foreach (var id in users.SelectMany(u => u.Items))
            byKey[Key64.Of(id)] = id;
        var numbers = new Dictionary<string, int>();
        foreach (var id in byKey.Values)
            numbers.Add(id, numbers.Count);
        return new FitData(
            own, [.. byKey.Keys], [.. byKey.Values.Select(id => TokensOf(documents.GetValueOrDefault(id)))],
            Array.ConvertAll(users, u => Key64.Of(u.User)), Array.ConvertAll(users, u => u.Items.Where(numbers.ContainsKey).Select(id => numbers[id]).ToArray()));
    }

    private static Dictionary<string, List<(string ItemId, long At)>> Liked(ReplayHistory history, Dictionary<string, ItemDocument> documents)
    {
        var reactions = new Dictionary<(string User, string Item), (int Signs, long At)>();
        foreach (var e in history.Events.OrderBy(e => e.Timestamp))
        {
            if (documents.Count > 0 && !documents.ContainsKey(e.ItemId))
                continue;
            var (sign, at) = (1 << (int)e.Type, e.Timestamp!.Value.ToUnixTimeMilliseconds());
            if (e.IsUndo)
            {
                foreach (var id in (e.TakesBack ?? []).Select(t => t.ItemId).Append(e.ItemId).Distinct())
                {
                    if (reactions.TryGetValue((e.UserId, id), out var known))
                        reactions[(e.UserId, id)] = (known.Signs & ~sign, known.At);
                }
            }
            else if (EventTypes.Of(e.Type).Removes || EventTypes.IsPositive(e.Type, e.Value ?? 0))
            {
                var known = reactions.GetValueOrDefault((e.UserId, e.ItemId));
                reactions[(e.UserId, e.ItemId)] = (known.Signs | sign, at);
            }
        }
        var liked = new Dictionary<string, List<(string, long)>>();
        foreach (var ((user, item), (signs, at)) in reactions.OrderBy(r => r.Key.Item, StringComparer.Ordinal))
        {
            if (signs == 0 || (signs & EventTypes.RemovingMask) != 0)
                continue;
            if (!liked.TryGetValue(user, out var items))
                liked.Add(user, items = []);
            items.Add((item, at));
        }
        return liked;
    }

    private static string NoPositives(ReplayHistory history, Dictionary<string, ItemDocument> documents)
    {
        var unknown = documents.Count == 0 ? 0 : history.Events.Count(e => !documents.ContainsKey(e.ItemId));
        return FormattableString.Invariant($"none of {history.Events.Count:N0} events is positive (a play of at least {EventTypes.ValidPlay:0.0}, like, ")
            + FormattableString.Invariant($"follow, share, comment or gift) and in effect{(unknown > 0 ? $"; {unknown:N0} are of items without a document" : "")}");
    }

    // Ids mean nothing in another world: factors of two would mix what has nothing in common.
    private static string WorldOf(IEnumerable<string> items, Dictionary<string, ItemDocument> documents, string? world)
    {
        if (world is not null)
            return world;
        var worlds = items.GroupBy(id => documents.GetValueOrDefault(id)?.WorldId ?? CatalogueOptions.DefaultWorldId)
            .OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).ToArray();
        return worlds.Length == 1
            ? worlds[0].Key
            : throw new InputException(
                $"the history has items of {worlds.Length} worlds ({string.Join(", ", worlds.Take(5).Select(w => $"{w.Key}: {w.Count()} items"))}): "
                + "a bundle belongs to one; choose it with --world");
    }

    private static bool IsOf(string itemId, Dictionary<string, ItemDocument> documents, string world) =>
        (documents.GetValueOrDefault(itemId)?.WorldId ?? world) == world;

    private static ContentToken[] TokensOf(ItemDocument? item)
    {
        if (item is null)
            return [];
        var tokens = new ContentToken[ContentToken.Most];
        var count = ContentToken.Fill(
            Key64.Of(item.CreatorId), Key64.OfOptional(item.SongId), ItemColumns.TagKeys(item), Key64.OfOptional(item.Language), (ulong)item.Kind + 1, tokens);
        return tokens[..count];
    }
}
