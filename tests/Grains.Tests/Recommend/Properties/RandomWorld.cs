using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Grains.Tests.Recommend.Properties;

/// <summary>
/// A random catalogue, users and their history. Some items are hidden, deleted, expired, old, of the future or of another world.
/// </summary>
internal sealed class RandomWorld
{
    private const int Count = 700;
    private const int Creators = 40;
    private readonly Random _random;

    public RandomWorld(int seed)
    {
        _random = new Random(seed);
        var now = DateTimeOffset.UtcNow;
        Start = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
        // The last user has neither a profile nor a history.
        UserIds = [.. Enumerable.Range(0, 8).Select(i => $"u{i}")];
        Items = [.. Enumerable.Range(0, Count).Select(Item)];
        ById = Items.ToDictionary(i => i.ItemId);
        Deleted = [.. Items.Where(_ => _random.Next(40) == 0).Select(i => i.ItemId)];
        Users = [.. UserIds[..^1].Select(User)];
        Events = [.. UserIds[..^1].SelectMany(History)];
    }

    /// <summary>Ages of items are whole hours as of this time, which is a little before any request.</summary>
    public DateTimeOffset Start { get; }

    public string[] UserIds { get; }

    public ItemDocument[] Items { get; }

    public Dictionary<string, ItemDocument> ById { get; }

    public HashSet<string> Deleted { get; }

    public UserDocument[] Users { get; }

    public UserEvent[] Events { get; }

    /// <summary>Whether an item is there for a user at a time at all, whatever the scene.</summary>
    public bool IsLive(ItemDocument item, string userId, DateTimeOffset now)
    {
        var blocked = Users.FirstOrDefault(u => u.UserId == userId)?.BlockedCreatorIds ?? [];
        return !Deleted.Contains(item.ItemId) && item.Hidden != true && item.WorldId is null
            && !(item.PublishedAt > now) && !(item.ExpiresAt <= now)
            && item.CreatorId != userId && !blocked.Contains(item.CreatorId);
    }

    /// <summary>Creators that a user follows.</summary>
    public IReadOnlyList<string> Follows(string userId) => Users.FirstOrDefault(u => u.UserId == userId)?.Follows ?? [];

    /// <summary>What a user met by certain types of event, newest first. Every item was met once.</summary>
    public UserEvent[] Met(string userId, IEnumerable<EventType> types) =>
        [.. Events.Where(e => e.UserId == userId && types.Contains(e.Type)).OrderByDescending(e => e.Timestamp)];

    private ItemDocument Item(int number) => new()
    {
        ItemId = $"w{number}",
        CreatorId = _random.Next(25) == 0 ? UserIds[_random.Next(UserIds.Length)] : $"c{_random.Next(Creators)}",
        SongId = _random.Next(5) == 0 ? null : $"s{_random.Next(30)}",
        Kind = (ItemKind)_random.Next(3),
        Tags = [.. SampleCatalogue.Tags.Where(_ => _random.Next(3) == 0)],
        Tone = _random.Next(4) == 0 ? null : $"t{_random.Next(4)}",
        CommunityIds = _random.Next(10) == 0 ? ["choir"] : [],
        Region = _random.Next(2) == 0 ? null : $"r{_random.Next(3)}",
        Quality = _random.Next(20) == 0 ? null : Math.Round(_random.NextDouble(), 3),
        PublishedAt = _random.Next(20) switch { 0 => null, 1 => Start.AddHours(6), _ => Start.AddHours(-_random.Next(1, 2_400)) },
        ExpiresAt = _random.Next(40) switch { 0 => Start.AddMinutes(-1), 1 => Start.AddDays(1), _ => null },
        Hidden = _random.Next(30) == 0 ? true : null,
        WorldId = _random.Next(30) == 0 ? "other" : null,
        Vectors = new Dictionary<string, float[]> { ["content"] = [.. Enumerable.Range(0, 32).Select(_ => (float)Math.Round(_random.NextDouble() - 0.5, 3))] },
    };

    private UserDocument User(string id) => new()
    {
        UserId = id,
        Region = _random.Next(3) == 0 ? null : $"r{_random.Next(3)}",
        Follows = Some(5, _ => $"c{_random.Next(Creators)}"),
        Friends = [.. UserIds.Where(u => u != id && _random.Next(4) == 0)],
        CommunityIds = _random.Next(2) == 0 ? ["choir"] : [],
        BlockedCreatorIds = Some(3, _ => $"c{_random.Next(Creators)}"),
        Interests = new UserInterests
        {
            Tags = Some(4, _ => SampleCatalogue.Tags[_random.Next(SampleCatalogue.Tags.Length)]).ToDictionary(t => t, _ => 0.5 + _random.NextDouble()),
        },
    };

    private string[] Some(int most, Func<int, string> make) => [.. Enumerable.Range(0, _random.Next(most + 1)).Select(make).Distinct()];

    // A session that runs, with a pause that ends it somewhere, and older meetings. No two at one time.
    private IEnumerable<UserEvent> History(string userId)
    {
        var types = (ReadOnlySpan<EventType>)[EventType.Impression, EventType.Impression, EventType.Play, EventType.Like, EventType.Share];
        var met = Items.Where(i => IsLive(i, userId, Start)).OrderBy(_ => _random.Next()).Take(40).ToArray();
        var events = new List<UserEvent>();
        var minutes = 0.0;
        for (var i = 0; i < met.Length; i++)
        {
            minutes += i == 14 ? 40 : i < 20 ? 0.5 + (2 * _random.NextDouble()) : 3_000 * _random.NextDouble();
            events.Add(new UserEvent
            {
                EventId = $"{userId}-{i}",
                UserId = userId,
                ItemId = met[i].ItemId,
                Type = types[_random.Next(types.Length)],
                Timestamp = Start.AddMinutes(-minutes),
            });
        }
        return events;
    }
}
