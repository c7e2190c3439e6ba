namespace KgOrleans.Ranking.Recall;

/// <summary>The recall channels. The values are positions in replies; they never change.</summary>
public enum RecallChannel : byte
{
    /// <summary>User vector . item vector over all eligible items; by the vectors of the recall head where there is one.</summary>
    Model = 0,

    /// <summary>Items of the tags, songs and creators that the user likes.</summary>
    Index = 1,

    /// <summary>Time-decayed popularity.</summary>
    Hot = 2,

    /// <summary>Items of followed creators, of friends, of what friends liked, of the user's communities.</summary>
    Social = 3,

    /// <summary>New items that are owed exposure.</summary>
    Fresh = 4,

    /// <summary>Items of the user's region by popularity.</summary>
    Region = 5,

    /// <summary>Items like those that were just played.</summary>
    Continue = 6,

    /// <summary>Items that those like who like what the user likes.</summary>
    Similar = 7,
}
