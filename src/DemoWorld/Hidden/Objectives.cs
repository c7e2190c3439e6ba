namespace KgOrleans.DemoWorld.Hidden;

/// <summary>Weights of one objective's logit, and the rate that its bias is set for.</summary>
/// <param name="Scale">Standard deviation of the personal match.</param>
/// <param name="Quality">Per unit of true quality.</param>
/// <param name="Recency">At age zero; decays with <see cref="Objectives.RecencyDays"/>.</param>
/// <param name="Context">Amplitude of the tone's and of the kind's daily curve.</param>
/// <param name="Utility">Weight in the utility: the feed scene's weight of the objective.</param>
/// <param name="Rate">Mean probability over random pairs of a user and a published work; of like and share, given a valid play.</param>
internal sealed record Objective(float Scale, float Quality, float Recency, float Context, float Utility, double Rate);

/// <summary>The objectives of the demo world, in order: play, like, share. Like and share happen only after a valid play.</summary>
internal static class Objectives
{
    public const int Play = 0;
    public const int Like = 1;
    public const int Share = 2;
    public const int Count = 3;
    public const double RecencyDays = 7;

    public static readonly Objective[] All =
    [
        new(Scale: 1.45f, Quality: 0.35f, Recency: 0.4f, Context: 0.25f, Utility: 1f, Rate: 0.2),
        new(Scale: 1.1f, Quality: 0.4f, Recency: 0.1f, Context: 0.1f, Utility: 0.5f, Rate: 0.22),
        new(Scale: 1.1f, Quality: 0.3f, Recency: 0.2f, Context: 0.1f, Utility: 0.25f, Rate: 0.055),
    ];
}
