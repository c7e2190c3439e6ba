using System.Runtime.InteropServices;
using System.Text.Json;
using KgOrleans.Api.Json;
using KgOrleans.Api.Problems;
using KgOrleans.Grains.Interfaces;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Api.Events;

/// <summary>The events of one call: the good ones grouped by user, the bad ones with their reasons.</summary>
internal sealed class EventBatch
{
    private readonly Dictionary<string, UserEvents> _byUser = new(StringComparer.Ordinal);
    private readonly List<(int Index, IReadOnlyList<FieldError> Errors)> _invalid = [];

    /// <summary>Good events by user, each user's in the order sent.</summary>
    public IReadOnlyCollection<UserEvents> Users => _byUser.Values;

    /// <summary>Bad events, in the order sent.</summary>
    public IReadOnlyList<(int Index, IReadOnlyList<FieldError> Errors)> Invalid => _invalid;

    /// <summary>Reads a body. A bad event does not hold back the others; a bad body, or one without a good event, is a problem.</summary>
    public static Problem? TryRead(ReadOnlyMemory<byte> utf8, DateTimeOffset now, out EventBatch batch)
    {
        batch = new EventBatch();
        if (JsonBody.TryParse(utf8, out var document) is { } broken)
            return broken;
        using (document)
        {
            if (CheckBody(document.RootElement, out var events) is { } problem)
                return problem;
            var index = 0;
            foreach (var json in events.EnumerateArray())
                batch.Add(index++, JsonMarshal.GetRawUtf8Value(json), now);
        }
        return batch._byUser.Count == 0 ? Problem.Invalid(batch._invalid.SelectMany(e => e.Errors.Select(error => InCall(e.Index, error))).Take(100)) : null;
    }

    private static FieldError InCall(int index, FieldError error) =>
        error with { Field = JsonPaths.Join($"events[{index}]", error.Field == "$" ? "" : error.Field) };

    private static Problem? CheckBody(JsonElement root, out JsonElement events)
    {
        events = default;
        if (root.ValueKind != JsonValueKind.Object)
            return Problem.Invalid("$", "wrongType", "must be an object with the member events");
        foreach (var member in root.EnumerateObject())
        {
            // A name that is no valid Unicode cannot be compared or quoted.
            if (JsonText.NameOf(member) is not { } name)
                return Problem.Invalid("$", "invalidText", "has a member whose name is not valid Unicode");
            if (name != "events")
                return Problem.Invalid(JsonPaths.Join("", name), "unknownMember", "is not known; the known member is events");
            if (events.ValueKind != JsonValueKind.Undefined)
                return Problem.Invalid("events", "duplicateMember", "appears twice");
            events = member.Value;
        }
        if (events.ValueKind == JsonValueKind.Undefined)
            return Problem.Invalid("events", "required", "is required");
        if (events.ValueKind != JsonValueKind.Array)
            return Problem.Invalid("events", "wrongType", "must be an array");
        return events.GetArrayLength() is 0 or > Limits.EventsPerCall
            ? Problem.Invalid("events", "outOfRange", $"has {events.GetArrayLength()} entries, must have 1..{Limits.EventsPerCall}")
            : null;
    }

    /// <summary>Adds an event that cannot be read.</summary>
    public void Reject(int index, string code, string message) => _invalid.Add((index, [new FieldError("$", code, message)]));

    /// <summary>Adds an event by its index in the batch, as it was sent.</summary>
    public void Add(int index, ReadOnlySpan<byte> utf8, DateTimeOffset now)
    {
        var errors = InputJson.Read<UserEvent>(utf8, sent => EventValidator.Validate(sent, now), out var e);
        if (e is null)
        {
            _invalid.Add((index, errors));
            return;
        }
        ref var user = ref CollectionsMarshal.GetValueRefOrAddDefault(_byUser, e.UserId, out _);
        user ??= new UserEvents(e.UserId);
        user.Indexes.Add(index);
        user.Filled.Add(EventsCommand.LackedBy(e));
        user.Json.Add(JsonSerializer.SerializeToUtf8Bytes(EventValidator.Complete(e, now), KgJson.Options));
    }
}

/// <summary>Good events of one user, in the order sent.</summary>
/// <param name="userId">The user.</param>
internal sealed class UserEvents(string userId)
{
    public string UserId { get; } = userId;

    public List<int> Indexes { get; } = [];

    public List<byte[]> Json { get; } = [];

    public List<EventFilled> Filled { get; } = [];
}
