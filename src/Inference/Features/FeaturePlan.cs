using KgOrleans.Inference.Bundles;
using KgOrleans.Ranking.Keys;

namespace KgOrleans.Inference.Features;

/// <summary>A checked schema, ready to fill tensors.</summary>
public sealed class FeaturePlan
{
    // Far above any real schema, and low enough that a broken manifest cannot exhaust memory.
    private const int MaxInputs = 64;
    private const int MaxBatch = 4_096;
    private const int MaxWidth = 4_096;

    private FeaturePlan(FeatureSchema schema, IReadOnlyList<InputPlan> inputs) => (Schema, Inputs) = (schema, inputs);

    /// <summary>The schema.</summary>
    public FeatureSchema Schema { get; }

    /// <summary>Every input, in the schema's order.</summary>
    public IReadOnlyList<InputPlan> Inputs { get; }

    /// <summary>Makes a plan without vocabularies, which fills id inputs with keys. Throws <see cref="BundleException"/> with every difference.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="kind">Kind of the bundle that it belongs to: one of factors has a ranker alone, which may read the factors.</param>
    public static FeaturePlan Create(FeatureSchema schema, BundleKind kind = BundleKind.Graphs)
    {
        var differences = new List<string>();
        return TryCreate(schema, kind, vocabularies: null, differences) ?? throw new BundleException("the feature schema is not valid", differences);
    }

    /// <summary>The inputs of a graph, in the graph's order.</summary>
    public IReadOnlyList<InputPlan> Of(IReadOnlyList<string> names) => [.. names.Select(n => Inputs.First(i => i.Spec.Name == n))];

    internal static FeaturePlan? TryCreate(
        FeatureSchema schema, BundleKind kind, IReadOnlyDictionary<string, Vocabulary>? vocabularies, List<string> differences)
    {
        var before = differences.Count;
        var hasFactors = kind == BundleKind.Factors;
        var leastContent = hasFactors ? 0 : 1;
        if (schema.BatchSize is < 1 or > MaxBatch)
            differences.Add($"schema: batchSize is {schema.BatchSize}, must be 1..{MaxBatch}");
        if (schema.ContentDimension < leastContent || schema.ContentDimension > Limits.VectorLength)
            differences.Add($"schema: contentDimension is {schema.ContentDimension}, must be {leastContent}..{Limits.VectorLength}");
        if (schema.Inputs.Count is 0 or > MaxInputs)
            differences.Add($"schema: has {schema.Inputs.Count} inputs, must be 1..{MaxInputs}");
        var inputs = new List<InputPlan>();
        foreach (var spec in schema.Inputs.Take(MaxInputs))
        {
            if (inputs.Any(i => i.Spec.Name == spec.Name))
                differences.Add($"schema: input {spec.Name} is declared twice");
            else if (PlanInput(schema, spec, hasFactors, vocabularies, differences) is { } plan)
                inputs.Add(plan);
        }
        if (!hasFactors)
        {
            CheckGraph("userTower", schema, schema.Graphs.UserTower, inputs, [FeatureScope.User], differences);
            CheckGraph("itemTower", schema, schema.Graphs.ItemTower, inputs, [FeatureScope.Item], differences);
        }
        CheckOptional("ranker", schema.Graphs.Ranker, Enum.GetValues<FeatureScope>());
        CheckOptional("reRanker", schema.Graphs.ReRanker, Enum.GetValues<FeatureScope>());
        CheckOptional("recallUser", schema.Graphs.RecallUser, [FeatureScope.User]);
        CheckOptional("recallItem", schema.Graphs.RecallItem, [FeatureScope.Item]);
        return differences.Count == before ? new FeaturePlan(schema, inputs) : null;

        void CheckOptional(string graph, IReadOnlyList<string> names, FeatureScope[] allowed)
        {
            if (names.Count > 0)
                CheckGraph(graph, schema, names, inputs, allowed, differences);
        }
    }

    private static InputPlan? PlanInput(
        FeatureSchema schema, InputSpec spec, bool hasFactors, IReadOnlyDictionary<string, Vocabulary>? vocabularies, List<string> differences)
    {
        var before = differences.Count;
        var where = $"input {spec.Name}";
        if (!Limits.IsId(spec.Name))
            differences.Add($"{where}: the name is not an id");
        if (spec.Shape.Count != 2 || spec.Shape[0] < 1 || spec.Shape[1] is < 1 or > MaxWidth)
            differences.Add($"{where}: shape [{string.Join(", ", spec.Shape)}] must be [rows, 1..{MaxWidth}]");
        if (spec.Features.Count == 0)
            differences.Add($"{where}: has no features");
        var found = new List<FeatureDefinition>();
        foreach (var name in spec.Features)
        {
            if (FeatureRegistry.Find(name) is not { } feature)
            {
                differences.Add($"{where}: unknown feature {name}");
                continue;
            }
            found.Add(feature);
            if (feature.Type != spec.Type)
                differences.Add($"{where}: feature {name} is {Text(feature.Type)}, the input is {Text(spec.Type)}");
            if (feature.Width == FeatureWidth.List && spec.Features.Count > 1)
                differences.Add($"{where}: list feature {name} needs an input of its own");
            if (feature.NeedsFactors && !hasFactors)
                differences.Add($"{where}: feature {name} needs a bundle of kind factors");
            if (feature.Width == FeatureWidth.Content && schema.ContentDimension == 0)
                differences.Add($"{where}: feature {name} needs a contentDimension above 0");
            if (feature.Vocabulary is { } vocabulary && vocabularies is not null && !vocabularies.ContainsKey(vocabulary))
                differences.Add($"{where}: feature {name} needs vocabulary {vocabulary}, which the bundle lacks");
        }
        if (differences.Count > before)
            return null;

        var scope = found[0].Scope;
        var perRequest = scope is FeatureScope.User or FeatureScope.Context;
        if (found.FirstOrDefault(f => f.Scope != scope) is { } other)
            differences.Add($"{where}: mixes features of scope {Text(scope)} and {Text(other.Scope)}");
        var rows = perRequest ? 1 : schema.BatchSize;
        var placed = new (FeatureDefinition, int, int)[found.Count];
        var offset = 0;
        for (var i = 0; i < placed.Length; i++)
        {
            var width = found[i].WidthFor(schema.ContentDimension, spec.Shape[1]);
            placed[i] = (found[i], offset, width);
            offset += width;
        }
        if (spec.Shape[0] != rows || spec.Shape[1] != offset)
            differences.Add($"{where}: shape is [{spec.Shape[0]}, {spec.Shape[1]}], its features need [{rows}, {offset}]");
        return differences.Count > before ? null : new InputPlan(spec, scope, placed, vocabularies);
    }

    private static void CheckGraph(
        string graph, FeatureSchema schema, IReadOnlyList<string> names, List<InputPlan> inputs, FeatureScope[] allowed, List<string> differences)
    {
        if (names.Count == 0)
            differences.Add($"schema: graph {graph} has no inputs");
        foreach (var name in names.GroupBy(n => n).Where(g => g.Count() > 1))
            differences.Add($"schema: graph {graph} names input {name.Key} twice");
        foreach (var name in names.Distinct())
        {
            if (schema.Inputs.All(i => i.Name != name))
                differences.Add($"schema: graph {graph} names input {name}, which is not declared");
            else if (inputs.Find(i => i.Spec.Name == name) is { } plan && !allowed.Contains(plan.Scope))
                differences.Add($"schema: graph {graph} cannot use input {name} of scope {Text(plan.Scope)}");
        }
    }

    private static string Text<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();
}
