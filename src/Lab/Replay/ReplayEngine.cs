using KgOrleans.Ranking.Catalogue;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Lab.Replay;

/// <summary>
/// Replays a history in time order through the code that serves (<see cref="Partition"/>, <see cref="UserStateUpdater"/>, <see cref="ItemCounters"/>), and
/// hands out every request with the user and counters as they were then: nothing that came later can leak into a feature.
/// </summary>
internal sealed class ReplayEngine
{
    /// <summary>How long after a request an event still counts as its outcome.</summary>
    public static readonly TimeSpan LabelHorizon = TimeSpan.FromHours(1);

    // Impressions without a request id belong together when one user met them within this time.
    private static readonly TimeSpan AnonymousRequest = TimeSpan.FromMinutes(1);

    private readonly ReplayHistory _history;
    private readonly ReplayObjectives _objectives;
    private readonly Dictionary<string, ReplayUser> _users = [];
    private readonly Queue<(ReplayUser User, OpenRequest Request)> _open = [];
    private readonly ItemCounters[] _counters;
    private readonly int _shadows;

    public ReplayEngine(ReplayHistory history, ReplayObjectives objectives, int contentDimension, int shadows = 0)
    {
        _history = history;
        _objectives = objectives;
        _shadows = shadows;
        var partition = new Partition(new PartitionSettings(contentDimension, EmbeddingDimension: 0, SpaceId: null));
        foreach (var item in history.Items)
            partition.Put(item, logPosition: 0, []);
        partition.Publish(logPosition: 0);
        Catalogue = partition.Acquire();
        _counters = new ItemCounters[Catalogue.RowCount];
    }

    /// <summary>The catalogue, one row an item; its own counters stay 0.</summary>
    public PartitionView Catalogue { get; }

    /// <summary>Users as the events so far have left them.</summary>
    public IReadOnlyDictionary<string, ReplayUser> Users => _users;

    /// <summary>Events of items that the catalogue does not know.</summary>
    public int UnknownItems { get; private set; }

    /// <summary>Replays everything; <paramref name="onRequest"/> gets each request once its outcome is known, in time order.</summary>
    public void Run(Action<ReplayedRequest> onRequest)
    {
        foreach (var e in _history.Events.OrderBy(e => e.Timestamp))
        {
            var at = e.Timestamp!.Value.ToUnixTimeMilliseconds();
            while (_open.TryPeek(out var oldest) && at - oldest.Request.At > LabelHorizon.TotalMilliseconds)
                CloseOldest(onRequest);
            var row = Catalogue.Find(Key64.Of(e.ItemId));
            if (row < 0)
            {
                UnknownItems++;
                continue;
            }
            var user = UserOf(e.UserId);
            var facts = Catalogue.FactsOf(row);
            // Histories that come from no event log are not marked yet.
            if (new EventMarks(user.State, user.Seen).Mark(e, facts) is not { } marked)
                continue;
            if (e.Type == EventType.Impression)
                Show(user, e, row, at);
            else
                Label(user, marked, row);
            UserStateUpdater.Apply(user.State, user.Seen, marked, facts);
            Count(marked);
        }
        while (_open.Count > 0)
            CloseOldest(onRequest);
    }

    /// <summary>Copies an item, counters as the events so far have left them, into a row of a block.</summary>
    public void CopyItem(ItemBlock block, int to, int row, long now)
    {
        Catalogue.CopyTo(block, to, row, now);
        ref var item = ref block.Rows[to];
        item.Impressions = _counters[row].Impressions;
        item.Plays = _counters[row].Plays;
        item.Likes = _counters[row].Likes;
        item.Comments = _counters[row].Comments;
        item.Hot = _counters[row].Hot(now);
    }

    /// <summary>Counters of a row.</summary>
    public ItemCounters CountersOf(int row) => _counters[row];

    /// <summary>The user of an id, with the profile when there is one.</summary>
    public ReplayUser UserOf(string userId)
    {
        if (!_users.TryGetValue(userId, out var user))
            _users[userId] = user = new ReplayUser(userId, _history.Profiles.GetValueOrDefault(userId));
        return user;
    }

    private void Count(UserEvent e)
    {
        foreach (var count in ItemCount.Of(e))
        {
            if (Catalogue.Find(Key64.Of(count.ItemId)) is not (>= 0 and var row))
                continue;
            if (count.TakesBack)
                _counters[row].TakeBack(count.Type, count.Value, count.At);
            else
                _counters[row].Add(count.Type, count.Value, count.At);
        }
    }

    private void Label(ReplayUser user, UserEvent e, int row)
    {
        user.Label(e, row, _objectives);
        foreach (var counted in e.TakesBack ?? [])
        {
            if (Catalogue.Find(Key64.Of(counted.ItemId)) is >= 0 and var other && other != row)
                user.Label(e, other, _objectives);
        }
    }

    private void Show(ReplayUser user, UserEvent e, int row, long at)
    {
        var request = user.Find(e.RequestId, e.RequestId is null ? at - (long)AnonymousRequest.TotalMilliseconds : long.MinValue);
        if (request is null)
        {
            request = new OpenRequest(at, e.RequestId, UserSnapshot.Create(user.UserId, user.State, at));
            user.Open.Add(request);
            _open.Enqueue((user, request));
            AddShadows(request, user.UserId);
        }
        // Repeated impressions of one item in one request are one row.
        if (!request.Rows.Contains(row))
            request.Add(row, ItemOf(row, request.At), e.Position ?? -1, new byte[_objectives.Names.Count]);
    }

    private void AddShadows(OpenRequest request, string userId)
    {
        // Seeded by the request itself, so that one history always gives one log.
        var random = new Random((int)(Key64.Of(userId) ^ (ulong)request.At));
        for (var i = 0; i < _shadows; i++)
        {
            var item = ItemOf(random.Next(Catalogue.RowCount), request.At);
            if (item.Rows[0].PublishedAt <= request.At)
                request.AddShadow(item);
        }
    }

    private ItemBlock ItemOf(int row, long at)
    {
        var item = new ItemBlock(1, Catalogue.ContentDimension, 0);
        CopyItem(item, 0, row, at);
        return item;
    }

    private void CloseOldest(Action<ReplayedRequest> onRequest)
    {
        var (user, request) = _open.Dequeue();
        user.Open.Remove(request);
        onRequest(request.Close());
    }
}
