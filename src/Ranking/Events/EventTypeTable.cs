namespace KgOrleans.Ranking.Events;

/// <summary>A table of event types: the built-in ones, with their weights, and those that an operator adds.</summary>
public sealed class EventTypeTable
{
    /// <summary>Numbers that types can have: the types of an item's events are bits of 16, of which the last is taken.</summary>
    public const int Numbers = 15;

    /// <summary>The first number that an operator's own type can have.</summary>
    public const int FirstOwn = 10;

    /// <summary>Half-life of a learnt interest by default: taste in songs changes over weeks, not hours.</summary>
    public const double DefaultInterestHalfLifeDays = 14;

    // What a name stands for that no type has any more: its events are read, and count nothing.
    private static readonly EventTypeInfo Retired = new(EventType.Retired, "retired", 0, 0, 0, false, false, false, "none");

    private readonly EventTypeInfo[] _byNumber = new EventTypeInfo[Numbers + 1];
    private readonly Dictionary<string, EventType> _byName = [];

    /// <summary>Makes a table.</summary>
    /// <param name="types">The types, each with a number and a name of its own; all built-in ones are among them.</param>
    /// <param name="interestHalfLife">Time in which a learnt interest loses half its weight.</param>
    public EventTypeTable(IEnumerable<EventTypeInfo> types, TimeSpan interestHalfLife)
    {
        InterestHalfLife = interestHalfLife;
        All = [.. types.OrderBy(t => t.Type)];
        foreach (var type in All)
        {
            _byNumber[(int)type.Type] = type;
            _byName.Add(type.Name, type.Type);
        }
        _byNumber[(int)EventType.Retired] = Retired;
        Removing = [.. All.Where(t => t.Removes).Select(t => t.Type)];
        RemovingMask = Removing.Aggregate(0, (mask, type) => mask | (1 << (int)type));
        Count = (int)All[^1].Type + 1;
    }

    /// <summary>The table without any configuration.</summary>
    public static EventTypeTable Default { get; } = new(
        [
            new(EventType.Impression, "impression", 0, 0, 0f, false, true, false, "none"),
            new(EventType.Play, "play", 1, 1, 1f, true, true, false, "share played, 0..1") { LeastPositive = EventTypes.ValidPlay },
            new(EventType.Like, "like", 0, 0, 1.5f, false, false, true, "none"),
            new(EventType.Follow, "follow", 0, 0, 2f, false, false, true, "none"),
            new(EventType.Share, "share", 0, 0, 2f, false, false, true, "none"),
            new(EventType.Comment, "comment", 0, 0, 1.5f, false, false, true, "none"),
            new(EventType.Gift, "gift", 1_000_000, 1, 2f, false, false, true, "amount, 0..1,000,000"),
            new(EventType.Dislike, "dislike", 0, 0, -2f, false, false, true, "none") { Removes = true },
            new(EventType.Skip, "skip", 0, 0, -0.5f, false, false, false, "none"),
            new(EventType.Report, "report", 0, 0, -2f, false, false, true, "none") { Removes = true },
        ],
        TimeSpan.FromDays(DefaultInterestHalfLifeDays));

    /// <summary>All types, ordered by their number.</summary>
    public IReadOnlyList<EventTypeInfo> All { get; }

    /// <summary>The largest number of a type, plus 1: the length of lists with a place for each number.</summary>
    public int Count { get; }

    /// <summary>Types whose items leave the user's pages for good.</summary>
    public IReadOnlyList<EventType> Removing { get; }

    /// <summary><see cref="Removing"/>, a bit each.</summary>
    public int RemovingMask { get; }

    /// <summary>A learnt interest loses half its weight in this time.</summary>
    public TimeSpan InterestHalfLife { get; }

    /// <summary>Whether a type is in the table.</summary>
    public bool Has(EventType type) => (int)type < Numbers && _byNumber[(int)type] is not null;

    /// <summary>Meaning of a type; one that was configured once and no longer is means nothing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">No type can have the number.</exception>
    public EventTypeInfo Of(EventType type) => (int)type <= Numbers
        ? _byNumber[(int)type] ?? Retired
        : throw new ArgumentOutOfRangeException(nameof(type), type, "unknown event type");

    /// <summary>Finds the type of a name.</summary>
    public bool TryFind(string name, out EventType type) => _byName.TryGetValue(name, out type);
}
