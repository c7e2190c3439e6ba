using KgOrleans.Ranking.Users;

namespace KgOrleans.Ranking.Scenes;

/// <summary>What one request is served by: a scene document (later with experiment patches applied), its version and what follows from it. Immutable; resolved once per request.</summary>
public sealed class EffectiveScene
{
    /// <summary>Resolves a document.</summary>
    /// <param name="document">A valid document.</param>
    /// <param name="version">Its version, counted from 1.</param>
    public EffectiveScene(SceneDocument document, int version)
    {
        Document = document;
        Version = version;
        var mask = 0;
        foreach (var type in document.Seen.Types)
            mask |= 1 << (int)type;
        Seen = new SeenRule(mask, TimeSpan.FromDays(document.Seen.Days), document.Seen.Max);
    }

    /// <summary>The document.</summary>
    public SceneDocument Document { get; }

    /// <summary>Version of the document.</summary>
    public int Version { get; }

    /// <summary>The seen rule.</summary>
    public SeenRule Seen { get; }

    /// <summary>Longest window of the rules and of diversity: how many served works a next page must know.</summary>
    public int LookBack => Math.Max(Document.ReRank.Window, Document.ReRank.Rules.Select(r => r.In).DefaultIfEmpty(0).Max()) - 1;
}
