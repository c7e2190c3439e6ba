using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Import.Sets;

/// <summary>The HetRec set as it is gathered from its files, and its form as documents and events.</summary>
public sealed class HetRecCatalogue(IdScope ids)
{
    /// <summary>Most tags of an item: past the first few, assignments are one person's.</summary>
    private const int TagsPerItem = 16;

    private readonly Dictionary<string, Artist> _artists = [];
    private readonly Dictionary<string, Listener> _listeners = [];
    private DateTimeOffset? _newestTag;

    /// <summary>Adds an artist; false when it is there already.</summary>
    public bool AddArtist(string id, string name) => _artists.TryAdd(id, new Artist(name));

    /// <summary>Whether an artist is known.</summary>
    public bool HasArtist(string id) => _artists.ContainsKey(id);

    /// <summary>Adds a user's plays of an artist; false when they are there already.</summary>
    public bool AddPlays(string user, string artist, long plays) => Of(user).Plays.TryAdd(artist, plays);

    /// <summary>Adds a friendship, which the set lists once for each side, in both directions.</summary>
    public void AddFriends(string user, string friend)
    {
        Of(user).Friends.Add(friend);
        Of(friend).Friends.Add(user);
    }

    /// <summary>Adds an assignment of a tag.</summary>
    public void AddAssignment(string user, string artist, string tag, DateTimeOffset date)
    {
        var listener = Of(user);
        Count(_artists[artist].Tags, tag);
        Count(listener.Tags, tag);
        if (listener.Newest is null || date > listener.Newest)
            listener.Newest = date;
        if (_newestTag is null || date > _newestTag)
            _newestTag = date;
    }

    /// <summary>Sets part of every user's artists aside; returns how many.</summary>
    public long SetAside(HistoryHoldOut holdOut)
    {
        foreach (var (user, listener) in _listeners)
            listener.HeldOut.UnionWith(holdOut.Choose(user, listener.Plays.Keys));
        return _listeners.Values.Sum(l => (long)l.HeldOut.Count);
    }

    /// <summary>Whether a user's plays of an artist are set aside. Their tags on it then are, too: a tag is a trace of listening.</summary>
    public bool IsHeldOut(string user, string artist) =>
        _listeners.TryGetValue(user, out var listener) && listener.HeldOut.Contains(artist);

    /// <summary>The documents and events.</summary>
    public ImportSet ToImportSet(IReadOnlyList<FileReport> files)
    {
        var kept = new List<UserEvent>();
        var heldOut = new List<UserEvent>();
        foreach (var (user, listener) in _listeners)
        {
            // The newest tag of the whole set stands in for users whose assignments were all refused.
            var newest = listener.Newest ?? _newestTag ?? new DateTimeOffset(2011, 5, 9, 0, 0, 0, TimeSpan.Zero);
            var events = listener.Plays
                .Select(play => (Raw: play.Key, Event: Play(user, play.Key, play.Value, newest)))
                .OrderBy(e => e.Event.Timestamp).ThenBy(e => e.Event.EventId, StringComparer.Ordinal);
            foreach (var (raw, e) in events)
                (listener.HeldOut.Contains(raw) ? heldOut : kept).Add(e);
        }
        return new ImportSet
        {
            WorldId = HetRecLastFm.WorldId,
            Items = [.. _artists.Select(a => Item(a.Key, a.Value))],
            Users = [.. _listeners.Select(l => User(l.Key, l.Value))],
            Events = kept,
            EventCount = kept.Count,
            HeldOut = heldOut,
            Newest = kept.Concat(heldOut).Max(e => e.Timestamp),
            Files = files,
            ExampleUser = kept.FirstOrDefault()?.UserId,
            Notes =
            [
                "plays carry no time: each is set within the eight weeks before its user's newest tag",
                "an artist's works are by the creator artist-<id>: the set numbers users and artists independently",
            ],
        };
    }

    private static void Count(Dictionary<string, int> counts, string key) =>
        counts[key] = counts.GetValueOrDefault(key) + 1;

    private static IEnumerable<KeyValuePair<string, int>> MostFirst(Dictionary<string, int> counts) =>
        counts.OrderByDescending(t => t.Value).ThenBy(t => t.Key, StringComparer.Ordinal);

    private Listener Of(string user)
    {
        if (!_listeners.TryGetValue(user, out var listener))
            _listeners.Add(user, listener = new Listener());
        return listener;
    }

    private ItemDocument Item(string id, Artist artist) => new()
    {
        ItemId = ids.Id(id),
        CreatorId = ids.Creator("artist", id),
        Kind = ItemKind.Audio,
        Title = artist.Name.Length > 0 ? artist.Name : null,
        Tags = [.. MostFirst(artist.Tags).Take(TagsPerItem).Select(t => t.Key)],
        WorldId = HetRecLastFm.WorldId,
    };

    private UserDocument User(string id, Listener listener)
    {
        var most = listener.Tags.Values.DefaultIfEmpty(1).Max();
        return new UserDocument
        {
            UserId = ids.Id(id),
            Friends = [.. listener.Friends.Select(ids.Id)],
            // The tag used most weighs 1, the others their share of it.
            Interests = listener.Tags.Count == 0 ? null : new UserInterests
            {
                Tags = MostFirst(listener.Tags).ToDictionary(t => t.Key, t => Math.Round((double)t.Value / most, 4)),
            },
            WorldId = HetRecLastFm.WorldId,
        };
    }

    private UserEvent Play(string user, string artist, long plays, DateTimeOffset newest) => new()
    {
        EventId = $"{HetRecLastFm.WorldId}:play:{ids.Id(user)}:{artist}",
        UserId = ids.Id(user),
        ItemId = ids.Id(artist),
        Type = EventType.Play,
        Value = PlayTaste.Value(plays),
        Timestamp = PlayTaste.Time(user, artist, newest),
    };

    private sealed record Artist(string Name)
    {
        public Dictionary<string, int> Tags { get; } = [];
    }

    private sealed class Listener
    {
        public Dictionary<string, long> Plays { get; } = [];

        public HashSet<string> HeldOut { get; } = [];

        public SortedSet<string> Friends { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, int> Tags { get; } = [];

        public DateTimeOffset? Newest { get; set; }
    }
}
