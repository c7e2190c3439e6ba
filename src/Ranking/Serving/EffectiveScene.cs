using System.Text.Json;
using KgOrleans.Ranking.Events;
using KgOrleans.Ranking.Filters;
using KgOrleans.Ranking.Keys;
using KgOrleans.Ranking.Recall;
using KgOrleans.Ranking.ReRanking;
using KgOrleans.Ranking.Scenes;
using KgOrleans.Ranking.Users;

namespace KgOrleans.Ranking.Serving;

/// <summary>
/// A scene as it serves requests: the document, its version and what is compiled from them. Immutable; compiled once for each version, looked up once for each
/// request.
/// </summary>
public sealed class EffectiveScene
{
    /// <summary>Compiles a document.</summary>
    /// <param name="document">A valid document.</param>
    /// <param name="version">Its version, counted from 1.</param>
    /// <exception cref="FormatException">A filter or a rule of the document is not valid.</exception>
    public EffectiveScene(SceneDocument document, int version)
    {
        Document = document;
        Version = version;
        InteractedMask = MaskOf(document.Discovery.ExcludeInteracted);
        Seen = new SeenRule(MaskOf(document.Seen.Types), TimeSpan.FromDays(document.Seen.Days), document.Seen.Max);
        Recall = new RecallScene(document.Discovery, document.Recall, document.PreRank.Calibration, AdmissionOf(document));
        RecallUtf8 = Recall.ToUtf8();
        Traffic = [.. document.Traffic.Where(t => t.Weight > 0).Select(t => (Compile(t.Filter), (float)t.Weight!))];
        SharedTraffic = [.. document.Traffic.Where(t => t.Share is not null).Select(t => (Compile(t.Filter), t.Share!))];
        SharedTrafficKey = string.Join('\n', document.Traffic.Where(t => t.Share is not null).Select(t => t.Filter.GetRawText()));
        Boosts = [.. document.ReRank.Boosts.Select(b => (Compile(b.Filter), (float)b.Factor))];
        RuleFilters = [.. document.ReRank.Rules.Select(r => r.Filter is { } filter ? Compile(filter) : null)];
        ShareFilters = [.. document.ReRank.Shares.Select(s => s.Filter is { } filter ? Compile(filter) : null)];
        ReadsAttributes = Traffic.Concat(Boosts).Select(c => c.Item1).Concat(SharedTraffic.Select(t => t.Filter)).Concat(RuleFilters).Concat(ShareFilters)
            .Any(f => f is { ReadsAttributes: true });
        Rules = new RuleSet(document.ReRank.Rules, RuleFilters, document.ReRank.Shares, ShareFilters, SharedTraffic);
    }

    /// <summary>The built-in scenes by name, compiled as version 1.</summary>
    public static IReadOnlyDictionary<string, EffectiveScene> BuiltIn { get; } =
        BuiltInScenes.All.ToDictionary(s => s.Key, s => new EffectiveScene(s.Value, version: 1));

    /// <summary>The document.</summary>
    public SceneDocument Document { get; }

    /// <summary>Version of the document.</summary>
    public int Version { get; }

    /// <summary>The seen rule.</summary>
    public SeenRule Seen { get; }

    /// <summary>Types of event whose items are left out however long ago they were, a bit each.</summary>
    public int InteractedMask { get; }

    /// <summary>
    /// What shards need of the scene. Its admission is one filter that joins kinds, least quality, the scene's own filter and the exclusion of classes with
    /// traffic weight 0; null when all items are admitted.
    /// </summary>
    public RecallScene Recall { get; }

    /// <summary><see cref="Recall"/> as the UTF-8 JSON that is sent to shards.</summary>
    public byte[] RecallUtf8 { get; }

    /// <summary>Filters and weights of the traffic classes with a weight above 0.</summary>
    public IReadOnlyList<(ItemFilter Filter, float Weight)> Traffic { get; }

    /// <summary>Filters and shares of the traffic classes with a share.</summary>
    public IReadOnlyList<(ItemFilter Filter, TrafficShare Share)> SharedTraffic { get; }

    /// <summary>Identity of the classes of <see cref="SharedTraffic"/>: under equal keys counts of their exposures mean the same.</summary>
    public string SharedTrafficKey { get; }

    /// <summary>Filters and factors of the boosts of the fine score.</summary>
    public IReadOnlyList<(ItemFilter Filter, float Factor)> Boosts { get; }

    /// <summary>The filter of each window rule; null for a rule with a field.</summary>
    public IReadOnlyList<ItemFilter?> RuleFilters { get; }

    /// <summary>The filter of each minimum share; null for a share with a channel.</summary>
    public IReadOnlyList<ItemFilter?> ShareFilters { get; }

    /// <summary>Whether traffic classes, boosts, rules or shares read communities or features, so that these must come with the rows.</summary>
    public bool ReadsAttributes { get; }

    /// <summary>Window rules and minimum shares, compiled.</summary>
    public RuleSet Rules { get; }

    /// <summary>How many served items the next page must know: one less than the longest window of rules and diversity.</summary>
    public int LookBack => Math.Max(Document.ReRank.Window, Document.ReRank.Rules.Select(r => r.In).DefaultIfEmpty(0).Max()) - 1;

    /// <summary>Members of a request's <c>context</c> that the scene does not declare.</summary>
    /// <param name="context">The context; null for none.</param>
    public IReadOnlyList<FieldError> CheckContext(ServingContext? context)
    {
        if (context is null)
            return [];
        var checks = new FieldChecks();
        foreach (var name in context.Names())
        {
            if (!Document.ContextKeys.Contains(name))
                checks.Add($"context.{name}", "unknownMember", $"is not declared by the scene; {Declared()}");
        }
        return checks.Errors;

        string Declared() => Document.ContextKeys.Count == 0 ? "it declares no context" : $"declared are {string.Join(", ", Document.ContextKeys)}";
    }

    /// <summary>Checks whether a document can be served: the validator's rules first, then whether it compiles.</summary>
    /// <param name="document">The document; its members may be null where JSON said so.</param>
    /// <param name="name">Name that it must have; null for any.</param>
    /// <returns>Every error; empty when the document can be served.</returns>
    public static IReadOnlyList<FieldError> Check(SceneDocument document, string? name = null)
    {
        var errors = SceneValidator.Validate(document, name);
        if (errors.Count > 0)
            return errors;
        try
        {
            _ = new EffectiveScene(document, version: 1);
            return [];
        }
        catch (FormatException)
        {
            // Each filter is within the limits, but together they become one filter, which may exceed them.
            var checks = new FieldChecks();
            checks.Add(
                "discovery.filter",
                "filterTooLarge",
                "kinds, minQuality, this filter and the filters of weight 0 are joined into one filter, "
                    + $"which may have at most {ItemFilter.MaxNodes} clauses and {ItemFilter.MaxDepth} levels");
            return checks.Errors;
        }
    }

    private static int MaskOf(IEnumerable<EventType> types) => types.Aggregate(0, (mask, type) => mask | (1 << (int)type));

    private static ItemFilter Compile(JsonElement filter) => ItemFilter.Parse(JsonSerializer.SerializeToUtf8Bytes(filter));

    private static JsonElement? AdmissionOf(SceneDocument document)
    {
        var discovery = document.Discovery;
        var clauses = new List<object>();
        if (discovery.Kinds is { Count: > 0 } kinds)
            clauses.Add(new { field = "kind", @in = kinds });
        // An unknown quality matches no comparison: excluding low quality admits it, requiring high quality would not.
        if (discovery.MinQuality > 0)
            clauses.Add(new { not = new { field = "quality", lt = discovery.MinQuality } });
        if (discovery.Filter is { } filter)
            clauses.Add(filter);
        clauses.AddRange(document.Traffic.Where(t => t.Weight == 0).Select(t => new { not = t.Filter }));
        if (clauses.Count == 0)
            return null;
        var admission = JsonSerializer.SerializeToElement(new { all = clauses }, KgJson.Options);
        // The joined filter has the limits of any other filter.
        var checks = new FieldChecks();
        if (ItemFilter.Parse(admission, "discovery.filter", checks) is null)
            throw new FormatException(string.Join("; ", checks.Errors));
        return admission;
    }
}
