namespace KgOrleans.Ranking.Scenes;

/// <summary>Scenes that exist before anybody writes one.</summary>
public static class BuiltInScenes
{
    /// <summary>The feed of quality UGC.</summary>
    public const string Feed = "feed";

    /// <summary>All of them by name.</summary>
    public static IReadOnlyDictionary<string, EffectiveScene> All { get; } = new Dictionary<string, EffectiveScene>
    {
        [Feed] = new(new SceneDocument { Scene = Feed }, version: 1),
    };
}
