using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using System.Text.Json.Serialization;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Ranking.Events;

/// <summary>
/// One event as callers send it. The event log keeps it with <see cref="EventId"/>, <see cref="Value"/> and <see cref="Timestamp"/> filled in.
/// </summary>
public sealed record UserEvent
{
    private const string HashPrefix = "h:";

    /// <summary>Id of the event: a second event with the same id is a duplicate. Absent means the hash of all other fields as sent.</summary>
    public string? EventId { get; init; }

    /// <summary>The user who acted.</summary>
    public string UserId { get; init; } = "";

    /// <summary>The item.</summary>
    public string ItemId { get; init; } = "";

    /// <summary>What the user did.</summary>
    public EventType Type { get; init; }

    /// <summary>Value; <see cref="EventTypes"/> says what it means for each type.</summary>
    public double? Value { get; init; }

    /// <summary>Time of the event; absent means the time of arrival.</summary>
    public DateTimeOffset? Timestamp { get; init; }

    /// <summary>Id of the recommendation request that led to the event.</summary>
    public string? RequestId { get; init; }

    /// <summary>The scene that the event happened in.</summary>
    public string? Scene { get; init; }

    /// <summary>Position of the item on the page, from 0.</summary>
    public int? Position { get; init; }

    /// <summary>
    /// Whether the event takes back the user's earlier events of this type: like, share, comment, gift, dislike and report those of the item, follow those of
    /// its creator.
    /// </summary>
    public bool? Undo { get; init; }

    /// <summary>
    /// Set in the event log only: the user had done this with the item before, so the event counts in no rate and in no popularity. Callers cannot send it.
    /// </summary>
    [NotInput]
    public bool? Repeat { get; init; }

    /// <summary>Set in the event log only, for <see cref="Undo"/>: the counted events that are taken back. Callers cannot send it.</summary>
    [NotInput]
    public IReadOnlyList<CountedEvent>? TakesBack { get; init; }

    /// <summary>
    /// Set in the event log only, for the user's first sign of liking the item: partial keys of the items that they liked before, newest first
    /// (<see cref="ItemPairs"/>). Callers cannot send it.
    /// </summary>
    [NotInput]
    public byte[]? PairedWith { get; init; }

    /// <summary>Whether <see cref="Undo"/> is set.</summary>
    [JsonIgnore]
    public bool IsUndo => Undo == true;

    /// <summary>The id of this event: as sent, or <c>h:</c> and the XxHash128 of all other fields as sent.</summary>
    public string IdOrHash()
    {
        if (EventId is not null)
            return EventId;
        var hash = new XxHash128();
        Append(hash, UserId);
        Append(hash, ItemId);
        Append(hash, RequestId);
        Append(hash, Scene);
        Span<byte> rest = stackalloc byte[26];
        rest[0] = (byte)Type;
        rest[1] = (byte)((Value is null ? 0 : 1) | (Timestamp is null ? 0 : 2) | (Position is null ? 0 : 4) | (IsUndo ? 8 : 0));
        BinaryPrimitives.WriteDoubleLittleEndian(rest[2..], Value ?? 0);
        BinaryPrimitives.WriteInt64LittleEndian(rest[10..], Timestamp?.UtcTicks ?? 0);
        BinaryPrimitives.WriteInt64LittleEndian(rest[18..], Position ?? 0);
        hash.Append(rest);
        return HashPrefix + Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>An event of the log as a caller would send it: without what the log adds, and with the id that the log knows it by.</summary>
    public UserEvent AsSent() =>
        this with { Repeat = null, TakesBack = null, PairedWith = null, Value = !IsUndo && EventTypes.Of(Type).MaxValue > 0 ? Value : null };

    /// <summary>Whether the caller gave the event its id, rather than <see cref="IdOrHash"/>.</summary>
    public bool HasOwnId() => EventId?.StartsWith(HashPrefix, StringComparison.Ordinal) == false;

    private static void Append(XxHash128 hash, string? text)
    {
        // The length goes first, so that text cannot move from one field to the next under the same hash; -1 tells absent from empty.
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, text?.Length ?? -1);
        hash.Append(length);
        if (text is not null)
            hash.Append(Encoding.UTF8.GetBytes(text));
    }
}
