namespace KgOrleans.Ranking.Events;

/// <summary>What a user did with an item. The byte values are stored and never change.</summary>
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

    /// <summary>The item was passed on.</summary>
    Share = 4,

    /// <summary>The item was commented on.</summary>
    Comment = 5,

    /// <summary>A gift was given.</summary>
    Gift = 6,

    /// <summary>The user said that this is not for them.</summary>
    Dislike = 7,

    /// <summary>The item was passed over at once.</summary>
    Skip = 8,
}
