namespace KgOrleans.DemoWorld.Hidden;

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
