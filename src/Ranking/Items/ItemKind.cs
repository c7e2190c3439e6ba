namespace KgOrleans.Ranking.Items;

/// <summary>What an item is. The byte values are stored in logs and columns and never change.</summary>
public enum ItemKind : byte
{
    /// <summary>A sung work, sound only.</summary>
    Audio = 0,

    /// <summary>A sung work with picture, or a short video.</summary>
    Video = 1,

    /// <summary>A live stream.</summary>
    Live = 2,

    /// <summary>A karaoke room.</summary>
    Room = 3,

    /// <summary>A song to sing (点歌).</summary>
    Song = 4,

    /// <summary>A person to follow.</summary>
    User = 5,
}
