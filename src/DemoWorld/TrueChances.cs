using KgOrleans.DemoWorld.Hidden;

namespace KgOrleans.DemoWorld;

/// <summary>What would happen if an item were shown to a user.</summary>
/// <param name="Published">Whether the item is published at that time.</param>
/// <param name="Play">Probability of a valid play.</param>
/// <param name="LikeAfterPlay">Probability of a like, given a valid play.</param>
/// <param name="ShareAfterPlay">Probability of a share, given a valid play.</param>
public readonly record struct TrueChances(bool Published, float Play, float LikeAfterPlay, float ShareAfterPlay)
{
    /// <summary>P(valid play) + 0.5 P(like) + 0.25 P(share).</summary>
    public float Utility => Play * (Objectives.All[Objectives.Play].Utility
        + (Objectives.All[Objectives.Like].Utility * LikeAfterPlay) + (Objectives.All[Objectives.Share].Utility * ShareAfterPlay));
}
