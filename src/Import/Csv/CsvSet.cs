using System.Globalization;
using KgOrleans.Import.Sets;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Items;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Import.Csv;

/// <summary>
/// CSV files as documents and events. Items and users that only events name become documents with an id alone. Events are read twice, once to check and count
/// them and once to send them, so that memory holds the ids and not the events.
/// </summary>
public sealed class CsvSet
{
    private readonly CsvOptions _options;
    private readonly List<FileReport> _files = [];
    private readonly Dictionary<string, ItemDocument> _items = [];
    private readonly Dictionary<string, UserDocument> _users = [];
    private readonly List<CsvMapping> _events = [];
    private long _eventCount;
    private DateTimeOffset? _newest;
    private string? _exampleUser;

    private CsvSet(CsvOptions options) => _options = options;

    /// <summary>Reads files that are mapped.</summary>
    /// <param name="mappings">The files.</param>
    /// <param name="options">How to read them.</param>
    public static ImportSet Read(IReadOnlyList<CsvMapping> mappings, CsvOptions options)
    {
        var set = new CsvSet(options);
        foreach (var mapping in mappings.Where(m => m.Sort is not null).OrderBy(m => m.Sort))
            set.Read(mapping);
        var named = set._items.Count;
        foreach (var mapping in set._events)
            set.CheckEvents(mapping);
        return new ImportSet
        {
            WorldId = options.WorldId ?? "",
            Items = [.. set._items.Values],
            Users = [.. set._users.Values],
            Events = set._events.SelectMany(m => set.EventsOf(m, new FileReport(m.Table.Name))),
            EventCount = set._eventCount,
            Newest = set._newest,
            Files = set._files,
            ExampleUser = set._exampleUser ?? set._users.Keys.FirstOrDefault(),
            Notes = set._items.Count == named
                ? []
                : [string.Create(CultureInfo.InvariantCulture, $"{set._items.Count - named:N0} items are named by events alone: imported with kind and id")],
        };
    }

    private void Read(CsvMapping mapping)
    {
        if (mapping.Sort == CsvSort.Events)
        {
            _events.Add(mapping);
            return;
        }
        var report = new FileReport(mapping.Table.Name);
        _files.Add(report);
        var fields = new CsvFields(mapping);
        foreach (var row in mapping.Table.Rows(report))
        {
            fields.At(row);
            if (mapping.Sort == CsvSort.Items)
                AddItem(fields, report, row);
            else
                AddUser(fields, report, row);
        }
    }

    private void AddItem(CsvFields fields, FileReport report, Row row)
    {
        var ids = _options.Ids;
        var id = fields.Id("itemId", ids);
        fields.Require("itemId", id);
        var kind = _options.Kind;
        if (fields.Text("kind") is { } text && (!Enum.TryParse(text, ignoreCase: true, out kind) || !Enum.IsDefined(kind)))
            fields.Fail("kind is not one of audio, video, live, room, song, user");
        var title = fields.Text("title");
        var item = new ItemDocument
        {
            ItemId = id ?? "",
            CreatorId = fields.Id("creatorId", ids) ?? AloneCreator(id),
            SongId = fields.Id("songId", ids),
            Kind = kind,
            Title = title?.Length > Limits.TitleLength ? title[..Limits.TitleLength] : title,
            Tags = fields.Names("tags"),
            CommunityIds = fields.Names("communityIds"),
            Region = fields.Code("region"),
            Language = fields.Code("language"),
            Tone = fields.Code("tone"),
            DurationSeconds = fields.Number("durationSeconds"),
            PublishedAt = fields.Time("publishedAt"),
            ExpiresAt = fields.Time("expiresAt"),
            Quality = fields.Number("quality"),
            Features = fields.Features(),
            Hidden = fields.Truth("hidden"),
            WorldId = _options.WorldId,
        };
        // Content vectors do not come from CSV, so their length does not matter.
        if (fields.Fault is null && ItemValidator.Validate(item, contentDimension: 0) is { Count: > 0 } errors)
            fields.Fail(string.Join("; ", errors));
        if (fields.Fault is { } fault)
            report.Reject(fault, row);
        else if (!_items.TryAdd(item.ItemId, item))
            report.Reject("item listed before", row);
        else
            Saw(item.PublishedAt);
    }

    private void AddUser(CsvFields fields, FileReport report, Row row)
    {
        var ids = _options.Ids;
        var id = fields.Id("userId", ids);
        fields.Require("userId", id);
        var tags = fields.Names("tags");
        var user = new UserDocument
        {
            UserId = id ?? "",
            Region = fields.Code("region"),
            Language = fields.Code("language"),
            Interests = tags.Length == 0 ? null : new UserInterests { Tags = tags.ToDictionary(t => t, _ => 1.0) },
            NamedFollows = fields.Text("follows") is null ? null : fields.Ids("follows", ids),
            Friends = fields.Ids("friends", ids),
            CommunityIds = fields.Names("communityIds"),
            Features = fields.Features(),
            WorldId = _options.WorldId,
        };
        if (fields.Fault is null && UserValidator.Validate(user) is { Count: > 0 } errors)
            fields.Fail(string.Join("; ", errors));
        if (fields.Fault is { } fault)
            report.Reject(fault, row);
        else if (!_users.TryAdd(user.UserId, user))
            report.Reject("user listed before", row);
    }

    private void CheckEvents(CsvMapping mapping)
    {
        var report = new FileReport(mapping.Table.Name);
        _files.Add(report);
        foreach (var e in EventsOf(mapping, report))
        {
            _eventCount++;
            Saw(e.Timestamp);
            _exampleUser ??= e.UserId;
            if (!_items.ContainsKey(e.ItemId))
                _items.Add(e.ItemId, StubOf(e.ItemId));
            if (!_users.ContainsKey(e.UserId))
                _users.Add(e.UserId, new UserDocument { UserId = e.UserId, WorldId = _options.WorldId });
        }
    }

    private IEnumerable<UserEvent> EventsOf(CsvMapping mapping, FileReport report)
    {
        var fields = new CsvFields(mapping);
        foreach (var row in mapping.Table.Rows(report))
        {
            var (user, item) = (fields.At(row).Id("userId", _options.Ids), fields.Id("itemId", _options.Ids));
            var time = fields.Time("timestamp");
            fields.Require("userId", user);
            fields.Require("itemId", item);
            var reason = "";
            var type = fields.Text(CsvMapping.Rating) is { } rating
                ? CsvTypes.OfRating(rating, out reason)
                : _options.Types.Of(mapping["type"] < 0 ? null : fields.Text("type") ?? "", out reason);
            if (type is null)
                fields.Fail(reason);
            // Other systems put prices and ratings there: only what fits the type is a value.
            var value = fields.Number("value") is { } number && type is { } t && number >= 0 && number <= EventTypes.Of(t).MaxValue ? number : (double?)null;
            if (fields.Fault is not null)
            {
                report.Reject(fields.Fault, row);
                continue;
            }
            var e = new UserEvent { UserId = user!, ItemId = item!, Type = type!.Value, Timestamp = time };
            if (EventTypes.Of(e.Type).MaxValue > 0)
                e = e with { Value = value };
            // The id depends on the row alone, so that a second import adds nothing even when times are moved.
            var id = fields.Id("eventId", _options.Ids) ?? string.Create(
                CultureInfo.InvariantCulture, $"csv-{StableHash.Of($"{e.UserId} {e.ItemId}", $"{(int)e.Type} {time?.UtcTicks}", seed: 0):x16}");
            e = e with { EventId = id };
            if (EventValidator.Validate(e, DateTimeOffset.MaxValue - Limits.ClockSkew) is { Count: > 0 } errors)
                report.Reject(string.Join("; ", errors), row);
            else
                yield return e;
        }
    }

    private ItemDocument StubOf(string id) => new() { ItemId = id, CreatorId = AloneCreator(id), Kind = _options.Kind, WorldId = _options.WorldId };

    private void Saw(DateTimeOffset? time) => _newest = time > (_newest ?? DateTimeOffset.MinValue) ? time : _newest;

    // An item without a creator stands alone, so that rules about creators never hold it back.
    private static string AloneCreator(string? item) => $"item-{item}" is { Length: <= Limits.IdLength } creator ? creator : item!;
}
