namespace KgOrleans.Inference.Features;

/// <summary>One ONNX input.</summary>
public sealed record InputSpec
{
    /// <summary>Name in the graphs.</summary>
    public string Name { get; init; } = "";

    /// <summary>Element type.</summary>
    public TensorType Type { get; init; }

    /// <summary>Rows and columns: 1 row for features of user and request, <see cref="FeatureSchema.BatchSize"/> rows for features of items.</summary>
    public IReadOnlyList<int> Shape { get; init; } = [];

    /// <summary>Features that fill a row, in order.</summary>
    public IReadOnlyList<string> Features { get; init; } = [];
}
