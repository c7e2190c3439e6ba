using System.Text.Json.Serialization;

namespace KgOrleans.Ranking.Events;

/// <summary>What a user did with an item. The byte values are stored and never change. <see cref="EventTypeTable"/> says which are in use.</summary>
[JsonConverter(typeof(EventTypeConverter))]
public enum EventType : byte
{
    /// <summary>The item was on screen.</summary>
    Impression = 0,

    /// <summary>The item was played.</summary>
    Play = 1,

    /// <summary>The item was liked.</summary>
    Like = 2,

    /// <summary>The item's creator was followed from it.</summary>
    Follow = 3,

    /// <summary>The item was shared.</summary>
    Share = 4,

    /// <summary>The item was commented on.</summary>
    Comment = 5,

    /// <summary>A gift was given.</summary>
    Gift = 6,

    /// <summary>The user said that they do not like the item.</summary>
    Dislike = 7,

    /// <summary>The user skipped the item at once.</summary>
    Skip = 8,

    /// <summary>The user reported the item as one that should not be there.</summary>
    Report = 9,

    /// <summary>Of the event log: a type that was configured once and no longer is. Numbers between are an operator's own types.</summary>
    Retired = 15,
}
