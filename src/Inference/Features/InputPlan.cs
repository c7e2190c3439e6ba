using System.Runtime.InteropServices;

namespace KgOrleans.Inference.Features;

/// <summary>A checked input, which fills its rows. Immutable and shared by all threads.</summary>
public sealed class InputPlan
{
    private readonly (FeatureDefinition Feature, int Offset, int Width)[] _features;
    private readonly Vocabulary?[] _vocabularies;

    internal InputPlan(InputSpec spec, FeatureScope scope, (FeatureDefinition, int, int)[] features, IReadOnlyDictionary<string, Vocabulary>? vocabularies)
    {
        Spec = spec;
        Scope = scope;
        _features = features;
        _vocabularies = [.. _features.Select(f => f.Feature.Vocabulary is { } name ? vocabularies?[name] : null)];
    }

    /// <summary>An input with a row for each item that no feature fills.</summary>
    internal static InputPlan Unfilled(InputSpec spec) => new(spec, FeatureScope.Cross, [], null);

    /// <summary>What the schema says.</summary>
    public InputSpec Spec { get; }

    /// <summary>Scope that all its features have.</summary>
    public FeatureScope Scope { get; }

    /// <summary>Whether the input has one row for the request; otherwise it has a row for each item.</summary>
    public bool IsPerRequest => Scope is FeatureScope.User or FeatureScope.Context;

    /// <summary>Rows of the tensor.</summary>
    public int Rows => Spec.Shape[0];

    /// <summary>Elements of a row.</summary>
    public int Width => Spec.Shape[1];

    /// <summary>Where each feature lies within a row.</summary>
    internal IEnumerable<(string Name, int Offset, int Width)> Layout => _features.Select(f => (f.Feature.Name, f.Offset, f.Width));

    /// <summary>Fills one row of a float input. A value that is not finite becomes 0, so that none reaches a model.</summary>
    public void Fill(in FeatureSource source, Span<float> row)
    {
        row.Clear();
        foreach (var (feature, offset, width) in _features)
            feature.Dense!(source, row.Slice(offset, width));
        foreach (ref var value in row)
        {
            if (!float.IsFinite(value))
                value = 0;
        }
    }

    /// <summary>Fills one row of an id input with rows of vocabularies, or with the bits of the keys in a plan without vocabularies.</summary>
    public void Fill(in FeatureSource source, Span<long> row)
    {
        row.Clear();
        for (var i = 0; i < _features.Length; i++)
        {
            var (feature, offset, width) = _features[i];
            var part = row.Slice(offset, width);
            feature.Keys!(source, MemoryMarshal.Cast<long, ulong>(part));
            if (_vocabularies[i] is not { } vocabulary)
                continue;
            foreach (ref var id in part)
                id = id == 0 ? 0 : vocabulary.RowOf((ulong)id);
        }
    }

    /// <summary>Fills one row of an id input with the largest rows of its vocabularies, which a graph must accept.</summary>
    internal void FillLargest(Span<long> row)
    {
        for (var i = 0; i < _features.Length; i++)
            row.Slice(_features[i].Offset, _features[i].Width).Fill(_vocabularies[i]?.Size ?? 0);
    }
}
