namespace KgOrleans.Inference.Bundles;

/// <summary>What the towers of a bundle are.</summary>
public enum BundleKind : byte
{
    /// <summary>ONNX graphs that are fed by a feature schema.</summary>
    Graphs = 0,

    /// <summary>Fitted item factors, which users are folded into.</summary>
    Factors = 1,
}
